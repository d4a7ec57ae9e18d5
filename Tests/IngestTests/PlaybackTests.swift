import FrameProtocol
import Testing
import Threads
import ZeroMQ

@testable import Ingest

@Suite(.timeLimit(.minutes(30))) struct PlaybackTests {
    private let second: UInt64 = 1_000_000_000
    private let start: UInt64 = 1_700_000_000_000_000_000

    /// One part of one frame at each of `times`, s after the start.
    private func capture(at times: [UInt64]) throws -> CaptureFile {
        var capture = CaptureBuilder()
        for (number, time) in times.enumerated() {
            capture.add(
                try encoded(frame("p\(number)", 0, seq: UInt64(number), end: true)), at: start + time * second)
        }
        return try capture.write()
    }

    private func source(
        _ file: CaptureFile, clock: ManualClock = ManualClock(), gate: StartGate? = nil,
        _ change: (inout PlaybackOptions) -> Void
    ) throws -> CaptureFrameSource {
        var options = PlaybackOptions()
        change(&options)
        return try CaptureFrameSource(path: file.path, options: options, gate: gate, clock: clock)
    }

    private func events(_ source: CaptureFrameSource) -> [FrameEvent] {
        var events: [FrameEvent] = []
        while let event = source.next(deadline: nil).element { events.append(event) }
        return events
    }

    private func headers(_ events: [FrameEvent]) -> [FrameHeader] {
        events.compactMap { if case .frame(let frame) = $0.content { frame.header } else { nil } }
    }

    @Test(arguments: [(0, nil, 0..<6), (1, nil, 1..<6), (1, 2, 1..<3), (0, 1, 0..<1), (4, 100, 4..<6)])
    func aStretchIsCutByTheRecordingsTime(offset: Int, duration: Int?, expected: Range<Int>) throws {
        let file = try capture(at: [0, 1, 2, 3, 4, 5])
        let source = try source(file) {
            $0.startOffset = .seconds(offset)
            $0.duration = duration.map { .seconds($0) }
        }
        #expect(headers(events(source)).map(\.partID) == expected.map { "p\($0)" })
        #expect(source.failure == nil)
    }

    @Test func aStretchWithoutFramesSaysSo() throws {
        let source = try source(try capture(at: [0, 1])) { $0.startOffset = .seconds(5) }
        #expect(events(source).isEmpty)
        let error = #expect(throws: CaptureError.self) { try source.requireFrames() }
        #expect(error?.code == .noFrames && error?.message.contains("none of its 2 frames") ?? false)
    }

    @Test func eachPassOfALoopHasASessionOfItsOwnAndTimeGoesOn() throws {
        let file = try capture(at: [0, 1, 2, 3])
        defer { withExtendedLifetime(file) {} }
        let source = try source(file) { options in
            options.loops = 3
            options.startOffset = .seconds(1)
        }
        let events = events(source)
        let headers = headers(events)
        #expect(
            headers.map(\.session) == ["s1", "s1", "s1"]
                + (2...3).flatMap { [String](repeating: "pass\($0):s1", count: 3) })
        #expect(headers.map(\.partID) == (0..<9).map { "p\(1 + $0 % 3)" })
        // 1, 2, 3 s; as far apart as frames are on average, the next pass goes on.
        #expect(events.map(\.time) == (1...9).map { start + UInt64($0) * second })
        #expect(source.counters.total.sequence.sessions == 3 && source.counters.total.sequence.restarts == 0)
        #expect(source.counters.total.sequence.gaps == 0)
    }

    @Test func pacingIsByTheRecordingsTimeOverLoopsAndLongGapsAreCut() throws {
        let clock = ManualClock(now: 1000)
        let file = try capture(at: [0, 1, 11, 12])
        defer { withExtendedLifetime(file) {} }
        let source = try source(file, clock: clock) { options in
            options.pacing = .rate(2)
            options.loops = 2
            options.maximumGap = .seconds(2)
        }
        #expect(events(source).count == 8)
        // 0, 1, (10 s played as 2) 3, 4; 12 s / 3 apart, played as 2; then the same again. At twice the speed.
        let seconds: [Double] = [0, 1, 3, 4, 6, 7, 9, 10]
        #expect(clock.waits == seconds.map { 1000 + UInt64($0 * 0.5e9) })
    }

    @Test func aPausedReplayWaitsForItsGate() throws {
        let file = try capture(at: [0, 1])
        let gate = StartGate(), clock = ManualClock()
        let source = try source(file, clock: clock, gate: gate) { $0.pacing = .rate(1) }
        let opener = JoinableThread(name: "opener") {
            #expect(clock.waits.isEmpty && source.counters.total.messages == 0)
            // What passes while it is paused is not caught up with.
            clock.advance(by: .seconds(60))
            gate.open()
        }
        #expect(events(source).count == 2)
        opener.join()
        #expect(clock.waits == [60 * second, 61 * second])
        let stopped = try self.source(file, gate: StartGate()) { _ in }
        stopped.stop()
        #expect(stopped.next(deadline: nil).element == nil)
    }

    @Test func standardInputIsPlayedOnce() throws {
        let error = #expect(throws: CaptureError.self) {
            var options = PlaybackOptions()
            options.loops = 2
            _ = try CaptureFrameSource(path: "-", options: options)
        }
        #expect(error?.message.contains("once only") ?? false)
    }

    @Test func aReplayIsANewSessionThatSaysSoAndPartsOfItAreSimulated() throws {
        let file = try capture(at: [0, 1])
        let context = try Context()
        let source = try ZeroMQFrameSource(context: context, configuration: .init(mode: .bind("tcp://127.0.0.1:0")))
        var replayer = CaptureReplayer(path: file.path, endpoint: source.endpoint)
        let stream = PartStream(source: source)
        for (mark, session) in [("replay:1:", "replay:1:s1"), ("replay:2:", "replay:2:s1")] {
            replayer.sessionMark = mark
            #expect(try replayer.run(context: context).frames == 2)
            for number in 0..<2 {
                let part = try #require(stream.next())
                #expect(part.partID == "p\(number)" && part.session == session && part.isSimulated && !part.isPartial)
            }
        }
        replayer.sessionMark = nil
        #expect(try replayer.run(context: context).frames == 2)
        #expect(stream.next()?.isSimulated == false)
        source.stop()
    }

    @Test func onlyTheSessionOfAHeaderIsMarked() throws {
        let json = #" {"session" : "a\"b", "user": {"session": "inner"}, "seq": 18446744073709551615}"#
        let marked = FrameHeader.marking(session: "replay:x:", in: Array(json.utf8))
        #expect(
            String(decoding: marked, as: UTF8.self)
                == #" {"session" : "replay:x:a\"b", "user": {"session": "inner"}, "seq": 18446744073709551615}"#)
        let long = #"{"session":"\#(String(repeating: "s", count: 64))"}"#
        let shortened = FrameHeader.marking(session: "replay:x:", in: Array(long.utf8))
        #expect(shortened.count == long.utf8.count && shortened.starts(with: #"{"session":"replay:x:sss"#.utf8))
        // Two sessions that differ in what is cut off stay two, also with one mark before the other.
        let other = String(long.dropLast(3)) + #"t"}"#
        let again = FrameHeader.marking(session: "replay:x:", in: Array(other.utf8))
        #expect(again.count == long.utf8.count && again != shortened)
        #expect(
            FrameHeader.marking(session: "pass2:", in: again) != FrameHeader.marking(session: "pass2:", in: shortened))
        for broken in ["", "[]", "{", #"{"session":1}"#, #"{"seq":1}"#] {
            #expect(FrameHeader.marking(session: "m", in: Array(broken.utf8)) == Array(broken.utf8))
        }
    }
}
