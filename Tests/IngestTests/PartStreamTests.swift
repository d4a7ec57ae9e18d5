import FrameProtocol
import Synchronization
import Testing
import Threads

@testable import Ingest

@Suite(.timeLimit(.minutes(30))) struct PartStreamTests {
    /// Gives what it was told to, and notes the deadlines that it was asked with.
    private final class ScriptedSource: FrameSource {
        let name = "script"
        let isSimulated = false
        let counters = IngestCounters()
        let failure: String? = nil
        private let state: Mutex<State>
        private struct State {
            var script: [QueueDelivery<FrameEvent>]
            var heldBack: [UInt64]
            var deadlines: [UInt64?] = []
        }

        /// - Parameter heldBack: how long it was held back from each delivery on.
        init(_ script: [QueueDelivery<FrameEvent>], heldBack: [UInt64] = []) {
            state = Mutex(State(script: script, heldBack: heldBack))
        }

        var deadlines: [UInt64?] { state.withLock { $0.deadlines } }
        var heldBack: UInt64 {
            state.withLock { $0.deadlines.isEmpty ? 0 : $0.heldBack.prefix($0.deadlines.count).last ?? 0 }
        }

        func next(deadline: UInt64?) -> QueueDelivery<FrameEvent> {
            state.withLock { state in
                state.deadlines.append(deadline)
                return state.script.isEmpty ? .closed : state.script.removeFirst()
            }
        }

        func stop() {}
    }

    private func event(_ frame: Frame, at time: UInt64) -> QueueDelivery<FrameEvent> {
        .element(FrameEvent(content: .frame(frame), bytes: 0, time: time, unixNanoseconds: 0))
    }

    @Test func theSourceIsAskedUntilTheNextDeadline() throws {
        let source = ScriptedSource([
            event(frame("p0", 0, seq: 0), at: 1_000), event(frame("p1", 0, seq: 1), at: 2_000), .timedOut,
            event(frame("p1", 1, seq: 2, end: true), at: 5_000_002_000 - 1),
        ])
        let clock = ManualClock(now: 5_000_001_000)
        var seen = 0
        let stream = PartStream(source: source, clock: clock) { _ in seen += 1 }
        let late = try #require(stream.next())
        #expect(late.partID == "p0" && late.reasons.first == .deadlinePassed(.idle, nanoseconds: 5_000_000_000))
        #expect(stream.next()?.isPartial == false)
        #expect(stream.next() == nil && stream.next() == nil)
        #expect(source.deadlines == [nil, 5_000_001_000, 5_000_001_000, 5_000_002_000, nil])
        #expect(seen == 3 && stream.statistics.whole == 1 && stream.statistics.partial == 1)
    }

    /// A scorer that is slow must not make parts late whose scanner was not let in meanwhile.
    @Test func deadlinesStandStillWhileTheSourceIsHeldBack() throws {
        let held: UInt64 = 10_000_000_000
        let end = FrameEvent(
            content: .frame(frame("p0", 1, seq: 1, end: true)), bytes: 0, time: 2_000, unixNanoseconds: 0,
            heldBack: held)
        let source = ScriptedSource(
            [event(frame("p0", 0, seq: 0), at: 1_000), .timedOut, .element(end)], heldBack: [0, held, held])
        let stream = PartStream(source: source, clock: ManualClock(now: held + 1_500))
        let part = try #require(stream.next())
        #expect(!part.isPartial && part.lastFrameAt == held + 2_000)
        #expect(stream.next() == nil)
        #expect(source.deadlines == [nil, 5_000_001_000, held + 5_000_001_000, nil])
    }

    /// What a reload brings: the event after it is held to it, and the part that was open before.
    @Test func newLimitsHoldFromTheNextEventOn() throws {
        let source = ScriptedSource([
            event(frame("p0", 0, seq: 0), at: 1_000), event(frame("p0", 1, seq: 1), at: 2_000),
            event(frame("p0", 2, seq: 2), at: 3_000), event(frame("p1", 0, seq: 3), at: 4_000), .timedOut,
        ])
        var limits = AssemblyLimits(), asked = 0
        limits.maximumFrames = 2
        limits.idleDeadline = .seconds(1)
        let stream = PartStream(
            source: source, clock: ManualClock(now: 1_000_005_000),
            newLimits: {
                asked += 1
                return asked == 3 ? limits : nil
            })
        let first = try #require(stream.next())
        #expect(first.partID == "p0" && first.isPartial && asked == 3)
        #expect(first.frames.received == 2, "two were taken in by the old limits")
        let second = try #require(stream.next())
        #expect(second.partID == "p1")
        #expect(second.reasons.first == .deadlinePassed(.idle, nanoseconds: 1_000_000_000))
        #expect(source.deadlines[4] == 1_000_004_000)
    }

    @Test func whatIsOpenAtTheEndIsInterrupted() {
        let stream = PartStream(source: ScriptedSource([event(frame(0), at: 1)]), clock: ManualClock())
        #expect(stream.next()?.reasons == [.interrupted, .endMissing])
        #expect(stream.next() == nil)
    }
}
