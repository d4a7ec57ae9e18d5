import Inspection
import ParallelLoops

/// The direction from which most of a region can be seen.
enum FacingDirection {
    /// Unit vector from the part to the eye: of 160 directions spread evenly, and the region's own axes, the one whose
    /// orthographic view shows the largest visible area of the region, eye levels that a person would take preferred.
    ///
    /// - Parameter radius: of a point's disc, mm.
    /// - Complexity: O(166 n).
    static func of(_ region: Region, in map: ScoreMap, radius: Float, workers: Workers) -> SIMD3<Float> {
        let candidates = directions(for: region)
        let members = membership(of: region, in: map, radius: radius)
        let outward = (region.box.center - middle(of: map.points)).unit ?? .zero
        var merits = [Float](repeating: 0, count: candidates.count)
        merits.withUnsafeMutableBufferPointer { buffer in
            let result = DisjointWrites(buffer)
            workers.run(chunks: candidates.count) { index in
                let eye = candidates[index]
                let area = visibleArea(from: eye, members: members, map: map, region: region, radius: radius)
                let comfort: Float = eye.z < -0.3 ? 0.85 : eye.z > 0.8 ? 0.93 : 1
                result[index] = Float(area) * comfort * (1 + 0.15 * eye.dotProduct(outward))
            }
        }
        let best = merits.indices.max { merits[$0] < merits[$1] } ?? 0
        return merits[best] > 0 ? candidates[best] : candidates[0]
    }

    private static func directions(for region: Region) -> [SIMD3<Float>] {
        var all: [SIMD3<Float>] = [Camera.direction(azimuth: -0.9, elevation: 25)]
        for axis in region.box.axes { if let unit = axis.unit { all += [unit, -unit] } }
        let count = 160
        let golden = Float.pi * (3 - Float(5).squareRoot())
        for index in 0..<count {
            let z = 1 - 2 * (Float(index) + 0.5) / Float(count)
            let flat = (1 - z * z).squareRoot()
            let turn = golden * Float(index)
            all.append([flat * Trigonometry.cosine(turn), flat * Trigonometry.sine(turn), z])
        }
        return all
    }

    static func middle(of points: [SIMD3<Float>]) -> SIMD3<Float> {
        var sum = SIMD3<Double>.zero
        var count = 0.0
        for point in points where point.isFinite {
            sum += SIMD3<Double>(point)
            count += 1
        }
        return count > 0 ? SIMD3<Float>(sum / count) : .zero
    }

    /// Points of the box, a disc's radius wider, that score at least half the region's mean.
    static func membership(of region: Region, in map: ScoreMap, radius: Float) -> [Bool] {
        let half = region.box.extent / 2 + radius
        return map.points.indices.map { index in
            guard region.box.axes.count == 3 else { return false }
            let offset = map.points[index] - region.box.center
            let inside = (0..<3).allSatisfy { offset.dotProduct(region.box.axes[$0]).magnitude <= half[$0] }
            return inside && (map.isMissing(index) || map.score(index) >= region.mean / 2)
        }
    }

    /// Pixels of a coarse picture around the region in which a point of the region is the nearest.
    private static func visibleArea(
        from eye: SIMD3<Float>, members: [Bool], map: ScoreMap, region: Region, radius: Float
    ) -> Int {
        let side = 72
        var camera = Camera(toward: eye, width: side, height: side)
        camera.center = region.box.center
        camera.scale = Float(side) / max(1.2 * region.box.extent.norm, 4 * radius)
        let reach = max(0.5, radius * 0.7 * camera.scale)
        var depth = [Float](repeating: .infinity, count: side * side)
        var shows = [Bool](repeating: false, count: side * side)
        for index in map.points.indices {
            let p = camera.project(map.points[index])
            guard p.x > -reach, p.y > -reach, p.x < Float(side) + reach, p.y < Float(side) + reach, p.z.isFinite
            else { continue }
            let columns = max(0, Int(p.x - reach))...max(0, min(side - 1, Int(p.x + reach)))
            for row in max(0, Int(p.y - reach))...max(0, min(side - 1, Int(p.y + reach))) {
                for column in columns where p.z < depth[row * side + column] {
                    depth[row * side + column] = p.z
                    shows[row * side + column] = members[index]
                }
            }
        }
        return shows.reduce(0) { $1 ? $0 + 1 : $0 }
    }
}
