import FrameProtocol
import Testing

@testable import Ingest

@Suite(.timeLimit(.minutes(30))) struct AssemblyLimitsTests {
    @Test func tooManyOpenPartsCloseTheQuietest() throws {
        var limits = AssemblyLimits()
        limits.maximumOpenParts = 2
        var assembler = PartAssembler(limits: limits)
        _ = assembler.receive(frame("a", 0, seq: 0), at: 0)
        _ = assembler.receive(frame("b", 0, seq: 1), at: 1)
        _ = assembler.receive(frame("a", 1, seq: 2), at: 2)
        let closed = assembler.receive(frame("c", 0, seq: 3), at: 3)
        #expect(closed.map(\.partID) == ["b"])
        #expect(closed.first?.reasons == [.limitExceeded(.openParts, maximum: 2), .endMissing])
        #expect(assembler.openParts == 2)
        // Each source has its own: another one closes nothing.
        #expect(assembler.receive(frame("a", 0, source: "scanner-2"), at: 4).isEmpty)
    }

    @Test(arguments: [frame(3), frame(.max), frame(1, total: 4), frame(1, total: .max)])
    func tooManyFramesCloseThePart(excess: Frame) throws {
        var limits = AssemblyLimits()
        limits.maximumFrames = 3
        var assembler = PartAssembler(limits: limits)
        _ = assembler.receive(frame(0), at: 0)
        let part = try #require(assembler.receive(excess, at: 0).first)
        #expect(part.reasons.first == .limitExceeded(.frames, maximum: 3))
        #expect(part.frames.received == 1 && assembler.openParts == 0)
    }

    @Test func tooManyPointsCloseThePart() throws {
        var limits = AssemblyLimits()
        limits.maximumPoints = 5
        var assembler = PartAssembler(limits: limits)
        _ = assembler.receive(frame(0, count: 3), at: 0)
        let part = try #require(assembler.receive(frame(1, count: 3), at: 0).first)
        #expect(part.reasons.first == .limitExceeded(.points, maximum: 5))
        #expect(part.points.count == 3)
    }

    @Test func tooManyPointsInAllCloseTheLargestPart() throws {
        var limits = AssemblyLimits()
        limits.maximumOpenPoints = 10
        var assembler = PartAssembler(limits: limits)
        _ = assembler.receive(frame("small", 0, seq: 0, count: 2), at: 0)
        _ = assembler.receive(frame("large", 0, seq: 1, count: 7), at: 0)
        let closed = assembler.receive(frame("small", 1, seq: 2, count: 2), at: 0)
        #expect(closed.map(\.partID) == ["large"])
        #expect(closed.first?.reasons.first == .limitExceeded(.openPoints, maximum: 10))
        #expect(assembler.openPoints == 4)
    }

    @Test func moreSourcesThanAllowedReplaceIdleOnesOnly() {
        var limits = AssemblyLimits()
        limits.maximumSources = 2
        var assembler = PartAssembler(limits: limits)
        _ = assembler.receive(frame(0, source: "a"), at: 0)
        _ = assembler.receive(frame(0, source: "b"), at: 1)
        #expect(assembler.receive(frame(0, end: true, source: "c"), at: 2).isEmpty)
        #expect(assembler.statistics.overSources == 1)
        #expect(assembler.receive(frame(1, end: true, source: "a"), at: 3).count == 1)
        #expect(assembler.receive(frame(0, end: true, source: "c"), at: 4).count == 1)
    }

    @Test func whatIsRememberedOfClosedPartsIsBounded() {
        var limits = AssemblyLimits()
        limits.rememberedParts = 4
        var assembler = PartAssembler(limits: limits)
        for number in 0..<5 {
            _ = assembler.receive(frame("p\(number)", 0, seq: UInt64(number), end: true), at: 0)
        }
        // p4 is remembered: its second frame is late. p0 is forgotten: it would be a part of its own.
        #expect(assembler.receive(frame("p4", 1, seq: 10), at: 0).isEmpty)
        #expect(assembler.openParts == 0)
        #expect(assembler.receive(frame("p0", 1, seq: 11), at: 0).isEmpty)
        #expect(assembler.openParts == 1)
    }

    /// 20 000 random frames and refusals: every part that was opened is closed exactly once, within the limits.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyOpenedPartIsClosedOnce(seed: UInt64) {
        var limits = AssemblyLimits()
        limits.maximumOpenParts = 3
        limits.maximumFrames = 6
        limits.maximumOpenPoints = 40
        limits.maximumSources = 3
        limits.rememberedParts = 4
        var assembler = PartAssembler(limits: limits)
        var random = SplitMix(state: seed)
        var time: UInt64 = 0
        var closed = 0, whole = 0
        for step in 0..<20_000 {
            time += random.next(below: 2_000_000_000)
            let source = "scanner-\(random.next(below: 5))"
            let partID = "p\(random.next(below: 8))"
            let session = "s\(random.next(below: 40) / 39 + UInt64(step / 5000))"
            let parts: [AssembledPart]
            if random.next(below: 10) == 0 {
                parts = assembler.refuse(
                    refusal(partID, seq: UInt64(step), source: source, session: session), at: time)
            } else {
                let index = UInt32(random.next(below: 7))
                let made = frame(
                    partID, index, seq: UInt64(step), end: random.next(below: 4) == 0, source: source,
                    session: session, count: Int(random.next(below: 9)))
                parts = assembler.receive(made, at: time)
            }
            closed += parts.count
            whole += parts.count { !$0.isPartial }
            for part in parts where !part.isPartial {
                #expect(part.frames.received == part.frames.expected)
            }
            #expect(assembler.openParts <= 9 && assembler.openPoints <= 40)
        }
        closed += assembler.closeAll(.interrupted).count
        #expect(closed == assembler.statistics.opened)
        #expect(whole == assembler.statistics.whole && whole > 0)
        #expect(closed - whole == assembler.statistics.partial)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014), so that a seed gives the same frames everywhere.
struct SplitMix {
    var state: UInt64

    mutating func next(below bound: UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return (z ^ (z >> 31)) % bound
    }
}
