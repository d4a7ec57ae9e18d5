import Foundation
import FrameProtocol
import Inspection
import TestPrograms
import Testing
import TestPrograms
import ZeroMQ

/// SIGTERM while parts are open.
@Suite struct ShutdownTests {
    @Test func openPartsAreReportedNotDecidableAndTheMonitorEndsCleanly() async throws {
        let monitor = try Program([
            "run", "--bind", "tcp://127.0.0.1:0", "--publish", "none", "--model", try await TaughtModels.folder(),
            "--part-deadline", "600", "--json",
        ])
        let input = try #require(await monitor.line(beginning: "frames from "))
        try send(to: input)
        // One connection keeps its order: when the whole part is judged, the frames of the open ones have been taken.
        _ = try #require(await monitor.outputLine { $0.contains(#""part_id":"whole""#) })
        monitor.terminate()
        let output = await monitor.finish()

        #expect(output.status == 0, "\(output.standardError)")
        let verdicts = try Verdict.decode(lines: output.standardOutput)
        #expect(verdicts.map(\.partID).sorted() == ["open-1", "open-2", "open-3", "whole"])
        for verdict in verdicts where verdict.partID != "whole" {
            #expect(verdict.evaluation == .notDecidable)
            #expect(verdict.isPartial)
            #expect(verdict.reasons.contains { $0.code == "interrupted" })
        }
        #expect(verdicts.first { $0.partID == "whole" }?.evaluation == .undefined)
    }

    private func send(to endpoint: String) throws {
        let context = try Context()
        let socket = try Socket(.push, context: context, options: .frames)
        try socket.connect(endpoint)
        let points: [SIMD3<Float>] = (0..<100).map { SIMD3(Float($0), Float($0 % 10), 0) }
        let ids = ["open-1", "open-2", "open-3", "whole"]
        for (number, id) in ids.enumerated() {
            var header = FrameHeader(
                source: "scanner-t", session: "s1", seq: UInt64(number), partID: id, frameIndex: 0,
                endOfPart: id == "whole", captureNanoseconds: 1)
            header.partType = "unheard-of"
            #expect(try socket.send(FrameEncoder().encode(header, points: points)))
        }
        socket.close()
    }
}
