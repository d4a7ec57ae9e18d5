import FrameProtocol
import Testing

@testable import Ingest

@Suite(.timeLimit(.minutes(30))) struct PartAttemptTests {
    @Test func aClosedPartThatBeginsAnewIsTheNextAttempt() throws {
        var assembler = PartAssembler()
        for attempt in 1...3 {
            let seq = UInt64(attempt * 10)
            #expect(assembler.receive(frame(0, seq: seq), at: 0).isEmpty)
            let part = try #require(assembler.receive(frame(1, seq: seq + 1, end: true), at: 0).first)
            #expect(part.attempt == attempt && !part.isPartial)
        }
    }

    @Test func aLateFrameIsDroppedAndCounted() {
        var assembler = PartAssembler()
        _ = assembler.receive(frame(0, seq: 10), at: 0)
        #expect(assembler.expire(at: 10_000_000_000).count == 1)
        #expect(assembler.receive(frame(1, seq: 11, end: true), at: 10_000_000_001).isEmpty)
        // A repeat of its first message is late as well: it begins nothing.
        #expect(assembler.receive(frame(0, seq: 10), at: 10_000_000_002).isEmpty)
        #expect(assembler.refuse(refusal(seq: 12), at: 10_000_000_003).isEmpty)
        #expect(assembler.statistics.late == 3 && assembler.openParts == 0)
    }

    @Test func anAttemptWhoseFirstFrameIsRefusedStillGetsItsVerdict() throws {
        var assembler = PartAssembler()
        _ = assembler.receive(frame(0, seq: 10, end: true), at: 0)
        #expect(assembler.refuse(refusal(seq: 11), at: 0).isEmpty)
        let part = try #require(assembler.receive(frame(1, seq: 12, end: true), at: 0).first)
        #expect(part.attempt == 2 && part.frames.rejected == 1 && part.isPartial)
    }

    @Test func aPartBegunTwiceWithoutEndIsClosedAndBegunAnew() throws {
        var assembler = PartAssembler()
        _ = assembler.receive(frame(0, seq: 10), at: 0)
        _ = assembler.receive(frame(1, seq: 11), at: 0)
        let first = try #require(assembler.receive(frame(0, seq: 12), at: 0).first)
        #expect(first.attempt == 1 && first.reasons == [.partRestarted, .endMissing])
        let second = try #require(assembler.receive(frame(1, seq: 13, end: true), at: 0).first)
        #expect(second.attempt == 2 && !second.isPartial && second.points.count == 4)
    }

    @Test func aNewSessionClosesThePartsOfTheOldOne() throws {
        var assembler = PartAssembler()
        _ = assembler.receive(frame("p1", 0), at: 0)
        _ = assembler.receive(frame("p2", 0), at: 1)
        _ = assembler.receive(frame("p1", 0, source: "scanner-2"), at: 1)
        let closed = assembler.receive(frame("p1", 0, seq: 0, session: "s2"), at: 2)
        #expect(closed.map(\.partID) == ["p1", "p2"])
        #expect(closed.allSatisfy { $0.reasons == [.sessionRestarted, .endMissing] && $0.session == "s1" })
        // Begun anew in the new session; the other scanner is not concerned.
        let anew = try #require(assembler.receive(frame("p1", 1, seq: 1, end: true, session: "s2"), at: 3).first)
        #expect(anew.attempt == 2 && !anew.isPartial)
        #expect(assembler.openParts == 1)
        // What the old session still had under way is late.
        #expect(assembler.receive(frame("p1", 1, end: true), at: 4).isEmpty)
        #expect(assembler.statistics.late == 1)
    }

    @Test func twoProgramsWithOneSourceNameDoNotClosePartsForEver() {
        var assembler = PartAssembler()
        var closed: [AssembledPart] = []
        for round in 0..<10 {
            let seq = UInt64(round * 2)
            closed += assembler.receive(frame("a\(round)", 0, seq: seq, session: "s1"), at: 0)
            closed += assembler.receive(frame("b\(round)", 0, seq: seq, session: "s2"), at: 0)
            closed += assembler.receive(frame("a\(round)", 1, seq: seq + 1, end: true, session: "s1"), at: 0)
            closed += assembler.receive(frame("b\(round)", 1, seq: seq + 1, end: true, session: "s2"), at: 0)
        }
        #expect(closed.count == 20)
        #expect(closed.filter(\.isPartial).map(\.partID) == ["a0"])
    }

    /// What a refused frame says of its session is not known to be true: it does not keep a part's good frames out.
    @Test func aRefusedFrameOfAnotherSessionKeepsNoGoodOneOut() throws {
        var assembler = PartAssembler()
        _ = assembler.refuse(refusal(seq: 0, session: "s0"), at: 0)
        let closed = assembler.receive(frame(0, end: true, session: "s1"), at: 1)
        #expect(closed.map(\.session) == ["s0", "s1"] && closed.map(\.isPartial) == [true, false])
        #expect(closed.map(\.attempt) == [1, 2] && assembler.statistics.late == 0)
        // A frame that an old session still had under way closes nothing.
        _ = assembler.receive(frame("p2", 0, seq: 1, session: "s1"), at: 2)
        _ = assembler.receive(frame("p3", 0, seq: 0, session: "s2"), at: 3)
        #expect(assembler.receive(frame("p3", 1, seq: 2, session: "s1"), at: 4).isEmpty && assembler.openParts == 1)
    }
}
