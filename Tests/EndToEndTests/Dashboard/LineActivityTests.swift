import FrameProtocol
import Inspection
import Testing
import Threads

@testable import scanward

/// The live page's figures, by a clock that only goes forward.
@Suite struct LineActivityTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func aFastLineIsCountedWhole() {
        // 50 parts a second for ten minutes.
        var rate = PartRate(startedAt: 7 * Self.second)
        for number in 0..<30_000 as Range<UInt64> { rate.note(at: 7 * Self.second + number * Self.second / 50) }
        #expect(abs(rate.perMinute(at: 607 * Self.second) - 3000) < 15)
        // Five minutes later nothing of it is left, whatever was noted between.
        #expect(rate.perMinute(at: 1000 * Self.second) == 0)
        rate.note(at: 2000 * Self.second)
        #expect(rate.perMinute(at: 2000 * Self.second) < 0.21 && rate.perMinute(at: 2000 * Self.second) > 0.19)
    }

    @Test func sinceTheStartWhereThatIsLessThanFiveMinutes() {
        var rate = PartRate(startedAt: 100 * Self.second)
        #expect(rate.perMinute(at: 100 * Self.second) == 0)
        for _ in 0..<3000 { rate.note(at: 130 * Self.second) }
        #expect(rate.perMinute(at: 160 * Self.second) == 3000)
        #expect(rate.perMinute(at: 220 * Self.second) == 1500)
        // Not more than the first second would say.
        #expect(rate.perMinute(at: 100 * Self.second) <= 180_000)
    }

    @Test func figuresAreThoseOfTheNewest() {
        let clock = ManualClock(now: 5 * Self.second)
        let activity = LineActivity(clock: clock)
        var verdict = Verdict(
            epoch: "e", seq: 1, resultID: "r", line: "l", station: "s", source: "a", session: "x", partID: "p",
            partType: nil, attempt: 1, isPartial: false, isSimulated: false, evaluation: .ok, reasons: [],
            configHash: "h", frames: .init(received: 1, expected: nil, missed: 0, rejected: 0),
            points: .init(received: 1, used: 1),
            times: .init(firstCaptureNs: 1, lastCaptureNs: 2, receivedNs: 3, decidedNs: 4), durationsMs: .init(),
            user: nil)
        for number in 0..<3000 {
            clock.advance(by: .milliseconds(20))
            verdict.evaluation = number < 2950 ? .ok : .notOK
            verdict.durationsMs.total = Double(number)
            activity.note(verdict)
        }
        let figures = LineStatus.Figures(activity.snapshot, now: clock.now)
        #expect(figures.perMinute == 3000 && figures.passRate == 0.5 && figures.parts == 100)
        #expect(figures.median == 2750 && figures.high == 2975)
        #expect(activity.snapshot.evaluations == [.ok: 2950, .notOK: 50])
    }
}
