import Testing

@testable import Publishing

@Suite struct VerdictTrackerTests {
    private let station = VerdictTopic.Station(line: "l", station: "s")

    private func verdict(_ seq: UInt64, epoch: String = "e1") -> [UInt8] {
        Array(#"verdict/1/l/s/ok {"seq":\#(seq),"epoch":"\#(epoch)","part_id":"p"}"#.utf8)
    }

    private func heartbeat(_ seq: UInt64, epoch: String = "e1", station: String = "s") -> [UInt8] {
        Array(#"heartbeat/1/l/\#(station) {"epoch":"\#(epoch)","seq":\#(seq),"t_ns":9}"#.utf8)
    }

    private func gaps(_ events: [VerdictEvent]) -> [ClosedRange<UInt64>] {
        events.compactMap { if case .gap(let gap) = $0 { gap.missing } else { nil } }
    }

    @Test func missingVerdictsAreAGap() {
        var tracker = VerdictTracker(at: 0)
        #expect(gaps(tracker.receive(heartbeat(10), at: 0)).isEmpty)
        #expect(gaps(tracker.receive(verdict(11), at: 0)).isEmpty)
        #expect(gaps(tracker.receive(verdict(14), at: 0)) == [12...13])
        // At the tail, the heartbeat shows it; once.
        #expect(gaps(tracker.receive(heartbeat(16), at: 0)) == [15...16])
        #expect(gaps(tracker.receive(heartbeat(16), at: 0)).isEmpty)
        #expect(gaps(tracker.receive(verdict(17), at: 0)).isEmpty)
    }

    @Test func theFirstOneHeardIsNoGap() {
        var tracker = VerdictTracker(at: 0)
        #expect(gaps(tracker.receive(verdict(500), at: 0)).isEmpty)
        #expect(gaps(tracker.receive(verdict(502), at: 0)) == [501...501])
    }

    @Test func aVerdictPublishedTwiceIsARepeat() {
        var tracker = VerdictTracker(at: 0)
        let repeats = [verdict(1), verdict(2), verdict(2), verdict(3)].map { message -> Bool? in
            guard case .verdict(let received)? = tracker.receive(message, at: 0).last else { return nil }
            return received.isRepeat
        }
        #expect(repeats == [false, false, true, false])
    }

    @Test func anotherJournalIsSaidSo() {
        var tracker = VerdictTracker(at: 0)
        _ = tracker.receive(verdict(9), at: 0)
        let events = tracker.receive(verdict(1, epoch: "e2"), at: 0)
        #expect(events.first == .epochChanged(station: station, from: "e1", to: "e2"))
        #expect(gaps(tracker.receive(verdict(3, epoch: "e2"), at: 0)) == [2...2])
    }

    @Test func silenceIsSaidOnceAndItsEndToo() {
        var tracker = VerdictTracker(staleAfter: .seconds(3), at: 0)
        #expect(tracker.nextDeadline == 3_000_000_000)
        _ = tracker.receive(heartbeat(1), at: 1_000_000_000)
        _ = tracker.receive(heartbeat(1, station: "t"), at: 3_000_000_000)
        #expect(tracker.nextDeadline == 4_000_000_000)
        // A verdict is no heartbeat.
        _ = tracker.receive(verdict(2), at: 3_500_000_000)
        #expect(tracker.expire(at: 3_999_999_999).isEmpty)
        #expect(tracker.expire(at: 4_000_000_000) == [.silent(station: station, nanoseconds: 3_000_000_000)])
        #expect(tracker.expire(at: 4_000_000_001).isEmpty)
        #expect(tracker.nextDeadline == 6_000_000_000)
        #expect(tracker.receive(heartbeat(2), at: 5_000_000_000).contains(.resumed(station: station)))
        #expect(tracker.expire(at: 6_000_000_000).count == 1)
    }

    @Test func silenceFromTheBeginningIsSaidToo() {
        var tracker = VerdictTracker(staleAfter: .seconds(3), at: 100)
        #expect(tracker.expire(at: 3_000_000_099).isEmpty)
        #expect(tracker.expire(at: 3_000_000_100) == [.silent(station: nil, nanoseconds: 3_000_000_000)])
        #expect(tracker.expire(at: 9_000_000_000).isEmpty && tracker.nextDeadline == nil)
    }

    @Test(arguments: [
        "", "verdict/1/l/s/ok", "verdict/2/l/s/ok {}", "pcf/1/scanner {}", "verdict/1/l/s {}", "heartbeat/1/l {}",
        "verdict/1/l/s/ok {\"seq\":1}", "verdict/1/l/s/ok {\"seq\":-1,\"epoch\":\"e\"}", "heartbeat/1/l/s [1]",
        "heartbeat/1/l/s {\"seq\":1e300,\"epoch\":\"e\"}",
    ])
    func whatIsNeitherIsMalformed(text: String) {
        var tracker = VerdictTracker(at: 0)
        let events = tracker.receive(Array(text.utf8), at: 0)
        guard events.count == 1, case .malformed = events[0] else {
            Issue.record("expected malformed, found \(events)")
            return
        }
    }
}
