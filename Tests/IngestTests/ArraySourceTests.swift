import FrameProtocol
import Testing
import Threads
import ZeroMQ

@testable import Ingest

/// Bare arrays over real sockets.
@Suite(.timeLimit(.minutes(5))) struct ArraySourceTests {
    private let array = [
        Array("{\"dtype\": \"float32\", \"shape\": [1, 3]}".utf8),
        [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64] as [UInt8],
    ]

    private func source(
        _ context: Context, _ mode: ZeroMQFrameSource.Mode, gap: Duration?
    ) throws -> ZeroMQFrameSource {
        var configuration = ZeroMQFrameSource.Configuration(mode: mode)
        configuration.arrays = .init(source: "cam", unit: .millimeters, gap: gap)
        return try ZeroMQFrameSource(context: context, configuration: configuration)
    }

    private func frame(_ source: ZeroMQFrameSource) throws -> Frame {
        let event = try #require(source.next(deadline: nil).element)
        guard case .frame(let frame) = event.content else {
            throw FrameRefusal(reason: .invalidValue, message: "refused")
        }
        return frame
    }

    @Test func arraysAndFramesComeOnOneSocket() throws {
        let context = try Context()
        let source = try source(context, .bind("tcp://127.0.0.1:0"), gap: nil)
        let scanner = try Socket(.push, context: context, options: .frames)
        try scanner.connect(source.endpoint)
        #expect(try scanner.send(array))
        let header = FrameHeader(
            source: "other", session: "s", seq: 0, partID: "p", frameIndex: 0, endOfPart: true, captureNanoseconds: 1)
        #expect(try scanner.send(FrameEncoder().encode(header, points: [[1, 2, 3]])))
        #expect(try scanner.send([array[0], [1]]))
        let first = try frame(source), second = try frame(source)
        #expect(first.header.source == "cam" && first.header.endOfPart && first.points == [[1, 2, 3]])
        #expect(second.header.source == "other" && second.points == first.points)
        let last = try #require(source.next(deadline: nil).element)
        #expect(last.source == "cam")
        source.stop()
        #expect(source.counters.total.refused == [.sizeMismatch: 1] && source.counters.total.messages == 3)
    }

    @Test func aSilenceEndsThePart() throws {
        let context = try Context()
        let publisher = try Socket(.xpub, context: context, options: .frames)
        let source = try source(
            context, .connect(try publisher.bind("tcp://127.0.0.1:0")), gap: .milliseconds(200))
        // Two subscriptions: of frames and of arrays.
        _ = try publisher.receive()
        _ = try publisher.receive()
        #expect(try publisher.send(array))
        let first = try frame(source), last = try frame(source)
        #expect(!first.header.endOfPart && last.header.endOfPart && last.points.isEmpty)
        #expect(first.header.partID == last.header.partID && last.header.frameIndex == 1)
        source.stop()
    }
}
