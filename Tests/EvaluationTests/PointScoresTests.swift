import Inspection
import Testing

@Suite struct PointScoresTests {
    @Test func `What a part lacks marks the points around it`() {
        let points: [SIMD3<Float>] = [SIMD3(0, 0, 0), SIMD3(1, 0, 0), SIMD3(2, 0, 0), SIMD3(9, 0, 0), SIMD3(3, 0, 0)]
        let map = ScoreMap(
            points: points, partPointCount: 4, fused: [0.1, 0.2, 0.3, 0.4, 5], channels: [.deviation: [0, 0, 0, 1, 7]],
            deviations: [0, 0, 0, 0, .nan])
        #expect(map.values(at: [SIMD3(9, 0, 0), SIMD3(0, 0, 0), SIMD3(1, 0.1, 0)]) == [0.4, 5, 5])
        #expect(map.values(of: .deviation, at: [SIMD3(9, 0, 0)]) == [1])
        #expect(map.values(of: .feature, at: [SIMD3(9, 0, 0)]) == [0])
    }
}
