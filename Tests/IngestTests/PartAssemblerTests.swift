import FrameProtocol
import Testing

@testable import Ingest

@Suite(.timeLimit(.minutes(30))) struct PartAssemblerTests {
    @Test func aPartIsWholeWhenAllFramesAndTheEndAreIn() throws {
        var assembler = PartAssembler()
        #expect(assembler.receive(frame(0, total: 3, user: #"{"lot": 7}"#), at: 100, unixTime: 5).isEmpty)
        #expect(assembler.receive(frame(1, type: "bracket"), at: 150, unixTime: 6).isEmpty)
        #expect(assembler.openParts == 1 && assembler.openPoints == 4)
        let parts = assembler.receive(frame(2, end: true, count: 0), at: 190, unixTime: 7)
        let part = try #require(parts.first)
        #expect(parts.count == 1)
        #expect(part.source == "scanner-1" && part.session == "s1" && part.partID == "p1" && part.attempt == 1)
        #expect(part.partType == "bracket" && part.user == #"{"lot": 7}"#)
        #expect(part.points == [[0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 0]])
        #expect(part.frames == AssembledPart.FrameCounts(received: 3, expected: 3))
        #expect(part.captureTimes == 1000...1002)
        #expect(part.acquisitionNanoseconds == 90 && part.receivedUnixNanoseconds == 7)
        #expect(part.reasons.isEmpty && !part.isPartial)
        #expect(assembler.openParts == 0 && assembler.openPoints == 0 && assembler.nextDeadline == nil)
    }

    @Test(arguments: [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
    func theOrderOfArrivalDoesNotMatter(order: [UInt32]) throws {
        var assembler = PartAssembler()
        var parts: [AssembledPart] = []
        for index in order {
            parts += assembler.receive(
                frame(index, end: index == 3, user: index.isMultiple(of: 2) ? "{\"i\":\(index)}" : nil), at: 0)
        }
        let part = try #require(parts.first)
        #expect(parts.count == 1 && !part.isPartial)
        #expect(part.points.map(\.x) == [0, 0, 1, 1, 2, 2, 3, 3])
        #expect(part.user == "{\"i\":2}")
    }

    @Test func partsOfTwoSourcesAreKeptApart() {
        var assembler = PartAssembler()
        #expect(assembler.receive(frame(0), at: 0).isEmpty)
        #expect(assembler.receive(frame(0, source: "scanner-2"), at: 0).isEmpty)
        #expect(assembler.receive(frame(1, end: true), at: 0).map(\.source) == ["scanner-1"])
        #expect(assembler.receive(frame(1, end: true, source: "scanner-2"), at: 0).map(\.source) == ["scanner-2"])
        #expect(assembler.statistics.whole == 2)
    }

    @Test func intensitiesAreKeptIfAllFramesHaveThem() throws {
        var assembler = PartAssembler()
        _ = assembler.receive(frame("a", 0, intensities: true), at: 0)
        let with = try #require(assembler.receive(frame("a", 1, end: true, intensities: true), at: 0).first)
        #expect(with.intensities == [0, 1, 0, 1])
        _ = assembler.receive(frame("b", 0, intensities: true), at: 0)
        let without = try #require(assembler.receive(frame("b", 1, end: true), at: 0).first)
        #expect(without.intensities == nil && without.points.count == 4)
    }

    @Test func aMissingFrameIsNamedAtTheDeadline() throws {
        var assembler = PartAssembler()
        _ = assembler.receive(frame(0), at: 0)
        #expect(assembler.receive(frame(2, end: true), at: 1_000).isEmpty)
        #expect(assembler.nextDeadline == 5_000_001_000)
        #expect(assembler.expire(at: 5_000_000_999).isEmpty)
        let part = try #require(assembler.expire(at: 5_000_001_000).first)
        #expect(part.frames == AssembledPart.FrameCounts(received: 2, expected: 3, missed: 1))
        #expect(
            part.reasons == [.deadlinePassed(.idle, nanoseconds: 5_000_000_000), .framesMissing(count: 1, first: 1)])
        #expect(part.reasons.map(\.description) == ["no frame came for 5.0 s", "frame 1 is missing"])
        #expect(part.points.map(\.x) == [0, 0, 2, 2])
    }

    @Test func aPartWithoutEndIsPartial() throws {
        var assembler = PartAssembler()
        _ = assembler.receive(frame(0), at: 0)
        let part = try #require(assembler.closeAll(.interrupted).first)
        #expect(part.reasons == [.interrupted, .endMissing])
        #expect(part.frames.expected == nil && part.frames.missed == 0)
    }

    @Test func theTotalDeadlineHoldsThoughFramesKeepComing() throws {
        var assembler = PartAssembler()
        var closed: [AssembledPart] = []
        var time: UInt64 = 0
        for index in 0..<100 where closed.isEmpty {
            closed += assembler.receive(frame(UInt32(index)), at: time)
            time += 4_000_000_000
        }
        #expect(closed.first?.reasons.first == .deadlinePassed(.total, nanoseconds: 60_000_000_000))
        #expect(closed.first?.frames.received == 15)
    }

    @Test func repeatedMessagesAreIgnoredAndCounted() throws {
        var assembler = PartAssembler()
        _ = assembler.receive(frame(0, seq: 10), at: 0)
        _ = assembler.receive(frame(0, seq: 10), at: 0)
        _ = assembler.receive(frame(1, seq: 11), at: 0)
        _ = assembler.receive(frame(1, seq: 11), at: 0)
        let part = try #require(assembler.receive(frame(2, seq: 12, end: true), at: 0).first)
        #expect(!part.isPartial && part.points.count == 6)
        #expect(part.frames.repeated == 2 && assembler.statistics.repeated == 2)
    }

    @Test func oneIndexInTwoMessagesIsInDoubt() throws {
        var assembler = PartAssembler()
        _ = assembler.receive(frame(0, seq: 10), at: 0)
        _ = assembler.receive(frame(1, seq: 11), at: 0)
        _ = assembler.receive(frame(1, seq: 12), at: 0)
        let part = try #require(assembler.receive(frame(2, seq: 13, end: true), at: 0).first)
        #expect(part.reasons == [.frameRepeated(index: 1)])
    }

    @Test func framesThatDisagreeOnTheirNumberMakeAPartialPart() throws {
        var assembler = PartAssembler()
        _ = assembler.receive(frame("a", 0, total: 5), at: 0)
        let short = try #require(assembler.receive(frame("a", 1, end: true), at: 0).first)
        #expect(short.reasons == [.totalContradicted(expected: 5, found: 2), .framesMissing(count: 3, first: 2)])
        _ = assembler.receive(frame("b", 2), at: 0)
        _ = assembler.receive(frame("b", 0), at: 0)
        let long = try #require(assembler.receive(frame("b", 1, end: true), at: 0).first)
        #expect(long.reasons == [.totalContradicted(expected: 2, found: 3)])
    }

    @Test func framesThatDisagreeOnTheTypeMakeAPartialPart() throws {
        var assembler = PartAssembler()
        _ = assembler.receive(frame(0, type: "a"), at: 0)
        let part = try #require(assembler.receive(frame(1, end: true, type: "b"), at: 0).first)
        #expect(part.partType == "a" && part.reasons == [.partTypeContradicted("a", "b")])
    }

    @Test func aRefusedFrameMakesItsPartPartialAtOnceWhenTheEndIsIn() throws {
        var assembler = PartAssembler()
        _ = assembler.receive(frame("p1", 0), at: 0)
        _ = assembler.receive(frame("p2", 0, seq: 7), at: 0)
        #expect(assembler.refuse(refusal(seq: 1), at: 0).isEmpty)
        let part = try #require(assembler.receive(frame("p1", 2, end: true), at: 0).first)
        #expect(part.frames == AssembledPart.FrameCounts(received: 2, expected: 3, missed: 0, rejected: 1))
        #expect(part.reasons == [.refusedFrame(count: 1, reason: "checksumMismatch")])
        #expect(part.reasons.map(\.code) == ["frame_refused"])
        // The other part goes on unharmed.
        #expect(assembler.receive(frame("p2", 1, seq: 8, end: true), at: 0).map(\.isPartial) == [false])
    }

    @Test func soManyRefusedFramesAreTolerated() throws {
        var limits = AssemblyLimits()
        limits.toleratedRefusals = 1
        var assembler = PartAssembler(limits: limits)
        _ = assembler.receive(frame("p1", 0), at: 0)
        _ = assembler.refuse(refusal(seq: 1), at: 0)
        let part = try #require(assembler.receive(frame("p1", 2, end: true), at: 0).first)
        #expect(!part.isPartial && part.remarks == [.refusedFrame(count: 1, reason: "checksumMismatch")])
        #expect(part.frames.rejected == 1 && part.frames.missed == 0)
        for seq in 3...4 as ClosedRange<UInt64> { _ = assembler.refuse(refusal(seq: seq), at: 0) }
        let other = assembler.closeAll(.interrupted)
        #expect(other.first?.reasons.contains(.refusedFrame(count: 2, reason: "checksumMismatch")) ?? false)
    }

    @Test func aRefusedFirstFrameOpensThePart() throws {
        var assembler = PartAssembler()
        _ = assembler.refuse(refusal(seq: 0), at: 0)
        let part = try #require(assembler.receive(frame(1, end: true), at: 0).first)
        #expect(part.reasons == [.refusedFrame(count: 1, reason: "checksumMismatch")])
    }

    @Test func aRefusalWithoutAPartChangesNothing() {
        var assembler = PartAssembler()
        #expect(assembler.refuse(refusal(nil), at: 0).isEmpty)
        #expect(assembler.refuse(refusal(source: nil), at: 0).isEmpty)
        #expect(assembler.openParts == 0)
    }
}
