import FrameProtocol
import Testing

@testable import Ingest

@Suite(.timeLimit(.minutes(30))) struct IngestCountersTests {
    private func event(_ frame: Frame, bytes: Int = 500, unix: UInt64 = 10_000_000) -> FrameEvent {
        FrameEvent(content: .frame(frame), bytes: bytes, time: 1, unixNanoseconds: unix)
    }

    @Test func framesRefusalsAndGapsAreCountedBySource() throws {
        var counters = IngestCounters()
        var sent = frame(0, seq: 5)
        sent.header.sendNanoseconds = 4_000_000
        sent.droppedNonFinite = 3
        sent.unknownKeys = ["colour"]
        #expect(counters.record(event(sent)) == .sessionStarted)
        #expect(counters.record(event(frame(1, seq: 8))) == .gap(missing: 2))
        #expect(counters.record(event(frame(1, seq: 8))) == .repeated)
        counters.record(
            FrameEvent(content: .refused(refusal(seq: 9)), bytes: 100, time: 2, unixNanoseconds: 0))
        counters.record(
            FrameEvent(
                content: .refused(refusal(nil, source: nil, session: nil, reason: .tooFewParts)), bytes: 7, time: 3,
                unixNanoseconds: 0))
        let source = try #require(counters.sources["scanner-1"])
        #expect(source.messages == 4 && source.frames == 3 && source.bytes == 1600 && source.points == 6)
        #expect(source.refused == [.checksumMismatch: 1] && source.droppedPoints == 3)
        #expect(source.sequence.gaps == 1 && source.sequence.missing == 2 && source.sequence.repeats == 1)
        #expect(source.skew == IngestCounters.Skew(latest: 6_000_000, smallest: 6_000_000, largest: 6_000_000))
        #expect(counters.sources[IngestCounters.unknownSource]?.refused == [.tooFewParts: 1])
        #expect(counters.total.messages == 5 && counters.total.refusedTotal == 2)
        #expect(
            counters.table == """
                SOURCE     FRAMES  REFUSED  GAPS  MISSING  REPEATS  BACKWARDS  POINTS   MB  SKEW ms
                (unknown)       0        1     0        0        0          0       0  0.0        -
                    refused 1: tooFewParts
                scanner-1       3        1     1        2        1          0       6  0.0      6.0
                    refused 1: checksumMismatch
                    3 points were not finite
                    unknown keys: "colour"
                """)
    }

    @Test func moreSourcesThanAllowedAreCountedTogether() {
        var counters = IngestCounters(maximumSources: 2)
        for number in 0..<10 { counters.record(event(frame(0, source: "scanner-\(number)"))) }
        #expect(counters.sources.keys.sorted() == [IngestCounters.otherSources, "scanner-0", "scanner-1"])
        #expect(counters.total.frames == 10)
    }
}
