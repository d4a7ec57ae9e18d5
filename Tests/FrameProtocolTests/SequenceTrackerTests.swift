import FrameProtocol
import Testing

struct SequenceTrackerTests {
    private func observe(_ sequence: [UInt64]) -> ([SequenceTracker.Observation], SequenceTracker.Counters) {
        var tracker = SequenceTracker()
        let seen = sequence.map { tracker.observe(source: "s", session: "a", seq: $0) }
        return (seen, tracker.counters["s"] ?? .init())
    }

    @Test func countsGapsRepeatsAndStepsBack() {
        let (seen, counters) = observe([5, 6, 9, 9, 7, 7, 10])
        let expected: [SequenceTracker.Observation] = [
            .sessionStarted, .next, .gap(missing: 2), .repeated, .backwards(steps: 2), .repeated, .next,
        ]
        #expect(seen == expected)
        #expect(counters.received == 7 && counters.gaps == 1 && counters.missing == 2)
        #expect(counters.repeats == 2 && counters.backwards == 1 && counters.restarts == 0)
    }

    @Test func callsARestartWithoutANewSessionAFault() {
        let (seen, counters) = observe([100, 101, 0, 1, 2])
        #expect(seen == [.sessionStarted, .next, .restarted, .next, .next])
        #expect(counters.restarts == 1)
        // Also when its first messages were lost.
        let (late, _) = observe([1000, 1001, 3, 4, 5])
        #expect(late == [.sessionStarted, .next, .backwards(steps: 998), .restarted, .next])
    }

    @Test func keepsSessionsAndSourcesApart() {
        var tracker = SequenceTracker()
        #expect(tracker.observe(source: "a", session: "1", seq: 9) == .sessionStarted)
        #expect(tracker.observe(source: "a", session: "2", seq: 0) == .sessionStarted)
        #expect(tracker.observe(source: "b", session: "1", seq: 4) == .sessionStarted)
        #expect(tracker.observe(source: "a", session: "1", seq: 10) == .next)
        #expect(tracker.counters["a"]?.sessions == 2 && tracker.counters["b"]?.received == 1)
    }

    @Test func survivesTheEndsOf64Bits() {
        let (seen, counters) = observe([0, .max, .max, UInt64.max - 1, 0, .max])
        let widest = SequenceTracker.Observation.gap(missing: UInt64.max - 1)
        let expected: [SequenceTracker.Observation] = [
            .sessionStarted, widest, .repeated, .backwards(steps: 1), .restarted, widest,
        ]
        #expect(seen == expected)
        #expect(counters.missing == .max)
    }

    @Test func forgetsTheLongestSilentSession() {
        var tracker = SequenceTracker(maximumSessions: 2)
        _ = tracker.observe(source: "a", session: "1", seq: 0)
        _ = tracker.observe(source: "b", session: "1", seq: 0)
        _ = tracker.observe(source: "a", session: "1", seq: 1)
        _ = tracker.observe(source: "c", session: "1", seq: 0)
        #expect(Set(tracker.counters.keys) == ["a", "c"])
        #expect(tracker.observe(source: "a", session: "1", seq: 2) == .next)
    }
}
