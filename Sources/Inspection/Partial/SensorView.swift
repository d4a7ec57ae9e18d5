import PointClouds

/// From where a scan was made, in the scan's frame: a place that explains which surface was seen.
///
/// A ray sensor meets each ray's first surface only, and hardly anything that it meets at a grazing angle. Of all places
/// around, those are kept from which nothing of the scan is hidden behind other surface and nothing turns away; where a
/// part leaves room for many, such as a box of which three faces show, the middle of them is taken.
struct SensorView: Sendable {
    /// The sensor's place, mm.
    let eye: SIMD3<Float>
    /// Share of the scan that contradicts the place.
    let contradiction: Double

    /// Cosine between normal and line of sight below which a sensor sees hardly anything.
    private static let grazing: Float = 0.1
    /// Widest angle between the axis found without normals and the line of sight, degrees, in so many steps.
    private static let cone = 42.0, rings = 6
    /// Distances from the scan's centroid, in diagonals.
    private static let distances: [Float] = [1.2, 1.7, 2.4, 4, 10]
    private static let sampleCount = 1500
    /// Contradictions that weigh like the least one: a share of the points.
    private static let tolerance = 0.01

    /// - Parameters:
    ///   - normals: of the sample, towards the sensor where they tell.
    ///   - axis: towards the sensor, to some 20 degrees.
    /// - Complexity: 5 distances times some 100 directions, each a pass over at most 3,000 points.
    init(of sample: [SIMD3<Float>], normals: [SIMD3<Float>], axis: SIMD3<Float>, spacing: Float, diagonal: Float) {
        let step = max(1, sample.count / Self.sampleCount)
        let rows = stride(from: 0, to: sample.count, by: step)
        let points = rows.map { sample[$0] }, facing = rows.map { normals[$0] }
        let center = points.reduce(.zero, +) / Float(max(1, points.count))
        let cell = max(2 * spacing * (Float(sample.count) / Float(max(1, points.count))).squareRoot(), diagonal / 100)
        let (u, v) = axis.tangents
        var candidates: [(eye: SIMD3<Float>, share: Double)] = []
        for ring in 0...Self.rings {
            let angle = Float(Self.cone / 180 * .pi) * Float(ring) / Float(Self.rings)
            let count = max(1, 6 * ring)
            for number in 0..<count {
                let turn = 2 * Float.pi * (Float(number) + 0.5 * Float(ring % 2)) / Float(count)
                let (sine, cosine) = SensorView.sineCosine(turn), (tilt, along) = SensorView.sineCosine(angle)
                let direction = along * axis + tilt * (cosine * u + sine * v)
                for distance in Self.distances {
                    let eye = center + direction * (distance * diagonal)
                    let averted = zip(points, facing).reduce(0) { sum, entry in
                        let sight = eye - entry.0
                        return sum + ((entry.1 * sight).sum() < Self.grazing * sight.norm ? 1 : 0)
                    }
                    let hidden = ViewDirection.hidden(
                        Self.flattened(points, from: eye, towards: center, at: distance * diagonal),
                        along: SIMD3(0, 0, 1), cell: cell, depth: 0.06 * diagonal)
                    candidates.append((eye, Double(averted) / Double(max(1, points.count)) + hidden))
                }
            }
        }
        let least = candidates.map(\.share).min() ?? 0
        contradiction = least
        var direction = SIMD3<Double>.zero, inverse = 0.0, weights = 0.0
        for (eye, share) in candidates where share < least + 4 * Self.tolerance {
            let weight = max(0, 1 - (share - least) / (4 * Self.tolerance))
            let sight = eye - center
            direction += weight * SIMD3<Double>(sight / sight.norm)
            inverse += weight / Double(sight.norm)
            weights += weight
        }
        let unit = SIMD3<Float>(direction), length = max(unit.norm, .leastNormalMagnitude)
        eye = center + unit / length * Float(weights / max(inverse, .leastNormalMagnitude))
    }

    /// Points as a picture taken from `eye` shows them: across in mm at `distance`, and the height towards the eye.
    static func flattened(_ points: [SIMD3<Float>], from eye: SIMD3<Float>, towards center: SIMD3<Float>, at distance: Float)
        -> [SIMD3<Float>]
    {
        let axis = (eye - center) / (eye - center).norm
        let (u, v) = axis.tangents
        return points.map { point in
            let sight = point - eye
            let depth = max(-(sight * axis).sum(), .leastNormalMagnitude)
            return SIMD3((sight * u).sum() * distance / depth, (sight * v).sum() * distance / depth, distance - depth)
        }
    }

    /// Through a rotation of the geometry engine, which is the same on every machine.
    private static func sineCosine(_ radians: Float) -> (Float, Float) {
        let turned = RigidTransform(axis: SIMD3(0, 0, 1), degrees: Double(radians) * 180 / .pi).apply(SIMD3<Double>(1, 0, 0))
        return (Float(turned.y), Float(turned.x))
    }
}
