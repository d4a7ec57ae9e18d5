import Testing
import Threads
import ZeroMQ

@testable import Ingest

/// Row 11: the wall clock jumps an hour back and forth. Deadlines run on the monotonic clock; stamps are what the wall says.
@Suite(.timeLimit(.minutes(30))) struct ClockJumpTests {
    @Test func aLiveSourceStampsByTheWallAndTimesByTheMonotonicClock() throws {
        let context = try Context()
        let wall = JumpingWallClock(1_700_000_000_000_000_000)
        var configuration = ZeroMQFrameSource.Configuration(mode: .bind("tcp://127.0.0.1:0"))
        configuration.wallClock = wall
        let source = try ZeroMQFrameSource(context: context, configuration: configuration)
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(source.endpoint)
        var limits = AssemblyLimits()
        limits.idleDeadline = .seconds(600)
        limits.totalDeadline = .seconds(1200)
        let stream = PartStream(source: source, limits: limits)
        // 100 parts of 5 frames each, eight of them open at any time: a jump would close them.
        var messages: [[[UInt8]]] = []
        for index in 0..<104 * 5 {
            let (round, slot) = (index / 40, index % 8)
            let frameIndex = UInt32(index % 40 / 8)
            messages.append(
                try encoded(frame("p\(round)-\(slot)", frameIndex, seq: UInt64(index), end: frameIndex == 4)))
        }
        let sent = messages
        let sender = JoinableThread(name: "sender", owning: push) { push in
            for message in sent { #expect((try? push.send(message)) == true) }
        }
        var stamps: Set<UInt64> = []
        for _ in 0..<104 {
            let part = try #require(stream.next())
            #expect(!part.isPartial && part.frames.received == 5, "\(part.partID): \(part.reasons)")
            // Less than the deadline by far, though the wall went forth and back by an hour.
            #expect(part.acquisitionNanoseconds < 600_000_000_000)
            stamps.insert(part.receivedUnixNanoseconds / 3_600_000_000_000)
        }
        sender.join()
        source.stop()
        #expect(stream.next() == nil)
        #expect(stream.statistics.whole == 104 && stream.statistics.partial == 0)
        #expect(stamps.count == 1 || stamps.count == 2, "stamps are the wall clock's latest")
    }

    @Test func aDeadlinePassesOnTimeWhateverTheWallSays() throws {
        let clock = ManualClock(now: 1_000_000_000)
        let wall = JumpingWallClock(1_700_000_000_000_000_000)
        var assembler = PartAssembler()
        for index in 0..<3 {
            #expect(assembler.receive(frame(UInt32(index)), at: clock.now, unixTime: wall.unixNanoseconds).isEmpty)
            clock.advance(by: .seconds(4))
        }
        #expect(assembler.expire(at: clock.now).isEmpty)
        clock.advance(by: .seconds(1))
        #expect(
            assembler.expire(at: clock.now).first?.reasons.first == .deadlinePassed(.idle, nanoseconds: 5_000_000_000))
    }
}
