import Testing

@testable import Inspection

@Suite struct PlaceStatisticsTests {
    /// Two far places with their own mean and spread: each is standardised by its own.
    @Test func eachPlaceIsJudgedByItsOwnStatistics() {
        var generator = SystemLikeGenerator(state: 3)
        var values: [Float] = [], places: [SIMD3<Float>] = []
        for _ in 0..<96 {
            values.append(Float(10 + 2 * generator.normal()))
            places.append(SIMD3(0, 0, Float(generator.uniform())))
            values.append(Float(-5 + 1 * generator.normal()))
            places.append(SIMD3(1000, 0, Float(generator.uniform())))
        }
        let anchors: [SIMD3<Float>] = [SIMD3(0, 0, 0.5), SIMD3(1000, 0, 0.5)]
        let statistics = PlaceStatistics(
            values: values, at: places, anchors: anchors, resolution: 0.01, workers: .one)
        #expect(abs(statistics.means[0] - 10) < 0.7 && abs(statistics.means[1] + 5) < 0.4)
        #expect(abs(statistics.deviations[0] - 2) < 0.5 && abs(statistics.deviations[1] - 1) < 0.25)
        let z = statistics.standardized(
            [statistics.means[0] + statistics.deviations[0], statistics.means[1] - 3 * statistics.deviations[1]],
            at: anchors, workers: .one)
        #expect(abs(z[0] - 1) < 1e-4 && abs(z[1] + 3) < 1e-4)
    }

    @Test func spreadHasAFloor() {
        let places = (0..<200).map { SIMD3<Float>(Float($0), 0, 0) }
        let statistics = PlaceStatistics(
            values: [Float](repeating: 7, count: 200), at: places, anchors: [SIMD3(50, 0, 0), SIMD3(150, 0, 0)],
            resolution: 0.25, workers: .one)
        #expect(statistics.deviations == [0.25, 0.25])
    }
}
