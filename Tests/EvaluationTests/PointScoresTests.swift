import Inspection
import Testing

@Suite struct PointScoresTests {
    /// A row of points, one every 1 mm up to 100 mm, the next 20 mm of which are gone.
    private let row = (0...100).map { SIMD3(Float($0), 0, 0) }

    private var map: ScoreMap {
        ScoreMap(
            points: row + [SIMD3(101, 0, 0), SIMD3(110, 0, 0)], partPointCount: row.count,
            fused: row.map { _ in 0.1 } + [2, 5], channels: [.deviation: row.map { _ in 0 } + [4, 8]],
            deviations: [Float](repeating: 0, count: row.count + 2))
    }

    @Test func `What a part lacks marks its rim, the farther the less`() {
        let values = map.values(at: row)
        // Four point distances wide; the higher of two lacking entries with one rim counts.
        #expect(values[100] == 5)
        #expect(abs(values[98] - 5 * 0.75) < 1e-5)
        #expect(abs(values[96] - 5 * 0.5) < 1e-5)
        #expect(values[95] == 0.1 && values[0] == 0.1)
        #expect(map.values(of: .deviation, at: [SIMD3(100, 0.1, 0), SIMD3(50, 0, 0)]) == [8, 0])
    }

    @Test func `A channel that was not used is 0, and points off the part take their nearest one's value`() {
        #expect(map.values(of: .feature, at: [SIMD3(100, 0, 0)]) == [0])
        #expect(map.values(at: [SIMD3(0, 3, 0)]) == [0.1])
    }
}
