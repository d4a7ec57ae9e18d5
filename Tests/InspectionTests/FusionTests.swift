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
        #expect(fusion.partScore(map) == 98.5)
        #expect(fusion.partScore([4]) == 4)
        #expect(fusion.partScore([]) == 0)
        #expect(fusion.partScore([-3]) == 0)
    }
}
