import Inspection
import PointClouds

@testable import HeatMaps

/// Clouds made by formula, for the tests.
enum Samples {
    /// Points spread evenly over a sphere around `center`, radius 20 mm.
    static func sphere(_ count: Int, center: SIMD3<Float> = [100, -50, 30]) -> [SIMD3<Float>] {
        let golden = Float.pi * (3 - Float(5).squareRoot())
        return (0..<count).map { index in
            let z = 1 - 2 * (Float(index) + 0.5) / Float(count)
            let flat = (1 - z * z).squareRoot()
            let turn = golden * Float(index)
            return center + 20 * SIMD3(flat * Trigonometry.cosine(turn), flat * Trigonometry.sine(turn), z)
        }
    }

    /// The middle of the hot spot of `hotSphere`: on the sphere, half way between -y and +x.
    static let hotSpot = SIMD3<Float>(100, -50, 30) + 20 * SIMD3(0.5, -0.5, 0).unit!
    static let coldSpot = SIMD3<Float>(100, -50, 30) + 20 * SIMD3(-0.5, -0.5, 0).unit!

    /// A sphere that scores 12 within 4 mm of `hotSpot` and 0.5 elsewhere.
    static func hotSphere(_ count: Int = 4000) -> ScoreMap {
        let points = sphere(count)
        let scores = points.map { ($0 - hotSpot).norm < 4 ? Float(12) : 0.5 }
        return ScoreMap(
            points: points, partPointCount: count, fused: scores, channels: [.deviation: scores],
            deviations: scores.map { $0 / 10 })
    }

    /// The same sphere, of which the hot spot's points are surface that the part lacks.
    static func holedSphere(_ count: Int = 4000) -> ScoreMap {
        let points = sphere(count)
        let own = points.filter { ($0 - hotSpot).norm >= 6 }
        let lacking = points.filter { ($0 - hotSpot).norm < 6 }
        let scores = own.map { _ in Float(0) } + lacking.map { _ in Float(9) }
        return ScoreMap(
            points: own + lacking, partPointCount: own.count, fused: scores, channels: [:], deviations: [])
    }

    static func region(_ map: ScoreMap, id: Int = 1, kind: Region.Kind = .excess, deviation: Float? = 1.25) -> Region {
        let members = map.points.indices.filter { map.fused[$0] > 3 }.map { map.points[$0] }
        return Region(
            id: id, centroid: FacingDirection.middle(of: members), box: OrientedBoundingBox(members), area: 50.3,
            points: members.count, peak: 12, mean: 12, deviation: deviation, kind: kind)
    }

    static func input(_ map: ScoreMap, regions: [Region] = [], partID: String = "P-17") -> HeatMapInput {
        HeatMapInput(
            partID: partID, partType: "ball", evaluation: "not_ok", origin: "line A, scanner-1",
            reasons: ["deviation above the threshold"], frameID: "cell", map: map, regions: regions, score: 12,
            threshold: 4, channelScores: [.deviation: 12, .feature: 1.5])
    }
}
