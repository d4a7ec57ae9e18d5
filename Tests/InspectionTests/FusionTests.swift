import Foundation
import PointClouds
import Testing

@testable import Inspection

@Suite struct FusionTests {
    @Test func orderOneIsThePlainAverageOfWhatIsAboveZero() {
        let fused = Fusion(order: 1).fused([[3, -1, 0], [0, 6, 0], [3, 0, -2]])
        #expect(fused == [2, 2, 0])
    }

    @Test func aHigherOrderLetsABlindChannelDiluteLess() {
        let maps: [[Float]] = [[8], [0], [0]]
        let average = Fusion(order: 1).fused(maps)[0], power = Fusion(order: 4).fused(maps)[0]
        #expect(abs(average - 8 / 3) < 1e-5)
        #expect(power > 6 && power < 8)
    }

    @Test func equalMapsStayAsTheyAre() {
        for order in [1.0, 2, 4] {
            #expect(abs(Fusion(order: order).fused([[2.5], [2.5], [2.5]])[0] - 2.5) < 1e-5)
        }
    }

    @Test func partScoreIsTheMeanOfTheTopShare() {
        let fusion = Fusion(topShare: 0.02)
        let map = (0..<100).map { Float($0) }
        #expect(fusion.partScore(map, neighbors: chain(100)) == 98.5)
        #expect(fusion.partScore([4], neighbors: chain(1)) == 4)
        #expect(fusion.partScore([], neighbors: chain(0)) == 0)
        #expect(fusion.partScore([-3], neighbors: chain(1)) == 0)
    }

    /// Points in a row, each with itself and the two after it (at the end: before it) as neighbours.
    private func chain(_ count: Int) -> NeighborTable {
        let size = min(3, count)
        var indices: [Int32] = []
        for point in 0..<count {
            for offset in 0..<size { indices.append(Int32(point + offset < count ? point + offset : point - offset)) }
        }
        return NeighborTable(
            count: count, size: size, indices: indices,
            squaredDistances: [Float](repeating: 1, count: indices.count))
    }

    @Test func thePaperTakesTheHighestPointOfASmoothedMap() {
        var fusion = Fusion.paper
        fusion.smoothedPoints = 3
        // A single high point is averaged with its neighbours; what is below 0 counts as 0.
        #expect(fusion.partScore([0, 0, 9, -6, 0, 0], neighbors: chain(6)) == 3)
        // Two beside each other weigh more than a higher one alone.
        #expect(fusion.partScore([9, 0, 0, 0, 6, 6, 0, 0], neighbors: chain(8)) == 4)
        // Surface that the part lacks stands behind its points, and for itself.
        #expect(fusion.partScore([0, 0, 3, 0, 0, 0, 5], neighbors: chain(6)) == 5)
        #expect(fusion.partScore([-1, -2, -3, -1, -1], neighbors: chain(5)) == 0)
    }

    @Test func settingsOfBeforeReadAsTheDefault() throws {
        let old = try JSONDecoder().decode(Fusion.self, from: Data(#"{"order":4,"topShare":0.01}"#.utf8))
        #expect(old == Fusion())
        #expect(try JSONDecoder().decode(Fusion.self, from: JSONEncoder().encode(Fusion.paper)) == .paper)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(
                Fusion.self, from: Data(#"{"order":4,"topShare":0.01,"reduction":"lowest"}"#.utf8))
        }
    }
}
