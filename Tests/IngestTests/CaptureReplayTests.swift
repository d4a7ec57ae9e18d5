import FrameProtocol
import Testing
import Threads
import ZeroMQ

@testable import Ingest

@Suite(.timeLimit(.minutes(30))) struct CaptureReplayTests {
    /// Two parts of two frames, 100 ms apart, and a message that is no frame.
    private func capture() throws -> CaptureBuilder {
        var capture = CaptureBuilder()
        for number in 0..<4 {
            let made = frame(
                "p\(number / 2)", UInt32(number % 2), seq: UInt64(number), end: number % 2 == 1, count: 300)
            capture.add(try encoded(made), at: 1_700_000_000_000_000_000 + UInt64(number) * 100_000_000)
            if number == 1 { capture.add([Array("other".utf8)], at: 1_700_000_000_150_000_000) }
        }
        return capture
    }

    @Test func aCaptureGivesItsPartsInProcess() throws {
        let file = try capture().write()
        let source = try CaptureFrameSource(path: file.path)
        let stream = PartStream(source: source)
        for number in 0..<2 {
            let part = try #require(stream.next())
            #expect(part.partID == "p\(number)" && !part.isPartial && part.isSimulated)
            #expect(part.points.count == 600)
            #expect(part.acquisitionNanoseconds == 100_000_000)
        }
        #expect(stream.next() == nil)
        #expect(source.counters.total.frames == 4 && source.counters.foreignMessages == 1)
        #expect(source.failure == nil && source.truncation == nil)
        try source.requireFrames()
    }

    @Test func aPartThatTheCaptureCutsOffIsPartial() throws {
        let made = try capture()
        let file = try made.write(length: made.bytes.count - 10)
        let source = try CaptureFrameSource(path: file.path)
        let stream = PartStream(source: source)
        #expect(stream.next()?.isPartial == false)
        #expect(stream.next()?.reasons == [.captureEnded, .endMissing])
        #expect(stream.next() == nil)
        #expect(source.truncation != nil)
    }

    @Test func aDeadlineRunsOnTheRecordingsTime() throws {
        var capture = CaptureBuilder()
        capture.add(try encoded(frame("p0", 0, seq: 0)), at: 1_000_000_000)
        capture.add(try encoded(frame("p1", 0, seq: 1, end: true)), at: 7_000_000_000)
        capture.add(try encoded(frame("p0", 1, seq: 2, end: true)), at: 8_000_000_000)
        let file = try capture.write()
        let stream = PartStream(source: try CaptureFrameSource(path: file.path))
        #expect(stream.next()?.reasons.first == .deadlinePassed(.idle, nanoseconds: 5_000_000_000))
        #expect(stream.next()?.partID == "p1")
        #expect(stream.next() == nil)
        #expect(stream.statistics.late == 1)
    }

    @Test func aReplaySendsEachFrameWhenItIsDue() throws {
        let file = try capture().write()
        let context = try Context()
        let source = try ZeroMQFrameSource(context: context, configuration: .init(mode: .bind("tcp://127.0.0.1:0")))
        let clock = ManualClock(now: 5_000)
        var replayer = CaptureReplayer(path: file.path, endpoint: source.endpoint)
        replayer.options.pacing = .rate(2)
        let report = try replayer.run(context: context, clock: clock)
        #expect(clock.waits == [5_000, 50_005_000, 100_005_000, 150_005_000])
        #expect(report.frames == 4 && report.foreignMessages == 1 && !report.wasStopped)
        #expect(report.recordedNanoseconds == 300_000_000 && report.elapsedNanoseconds == 150_000_000)
        let stream = PartStream(source: source)
        #expect(stream.next()?.partID == "p0")
        #expect(stream.next()?.points.count == 600)
        source.stop()
    }

    @Test func topSpeedWaitsForNothing() throws {
        let file = try capture().write()
        let context = try Context()
        let pull = try Socket(.pull, context: context, options: .frames)
        let clock = ManualClock()
        var replayer = CaptureReplayer(path: file.path, endpoint: try pull.bind("tcp://127.0.0.1:0"))
        replayer.options.pacing = .topSpeed
        #expect(try replayer.run(context: context, clock: clock).frames == 4)
        #expect(clock.waits.isEmpty)
        #expect(try pull.receive() == encoded(frame("p0", 0, seq: 0, count: 300)))
    }

    @Test func aCaptureWithoutFramesSaysWhatItHeld() throws {
        var capture = CaptureBuilder()
        capture.add([Array("weather".utf8)], at: 0)
        let file = try capture.write()
        let context = try Context()
        let error = #expect(throws: CaptureError.self) {
            _ = try CaptureReplayer(path: file.path, endpoint: "tcp://127.0.0.1:1").run(context: context)
        }
        #expect(error?.code == .noFrames)
        #expect(error?.message.contains("10.0.0.1:49152 -> 10.0.0.2:7777") ?? false)
        let source = try CaptureFrameSource(path: file.path)
        #expect(source.next(deadline: nil).element == nil)
        #expect(throws: CaptureError.self) { try source.requireFrames() }
    }

    @Test func aReplayThatNobodyTakesSaysSo() throws {
        let file = try capture().write()
        let context = try Context()
        var replayer = CaptureReplayer(path: file.path, endpoint: "tcp://127.0.0.1:1")
        replayer.connectTimeout = .milliseconds(1)
        replayer.linger = .zero
        let error = #expect(throws: CaptureError.self) { _ = try replayer.run(context: context) }
        #expect(error?.code == .notDelivered && error?.message.contains("nobody took a frame") ?? false)
        #expect(error?.message.contains("`scanward record FOLDER --bind tcp://127.0.0.1:1`") ?? false)
        let stop = StopSignal()
        stop.raise()
        #expect(try replayer.run(context: context, unless: stop).wasStopped)
    }

    @Test func pacingRunsOnAbsoluteInstants() {
        var pacer = CapturePacer(.rate(0.5))
        #expect(pacer.due(100, now: 7) == 7)
        #expect(pacer.due(150, now: 1_000) == 107)
        // A step back is due with the latest before it, a jump to the end of time never.
        #expect(pacer.due(120, now: 1_000) == 107)
        #expect(pacer.due(.max, now: 1_000) == .max)
        var fast = CapturePacer(.topSpeed)
        #expect(fast.due(100, now: 7) == nil)
    }
}
