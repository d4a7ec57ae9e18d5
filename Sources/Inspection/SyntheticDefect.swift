import Foundation
import PointClouds
import SeededRandom

/// A defect put on the points of a good part's scan.
struct SyntheticDefect {
    enum Kind: String, Sendable, Codable, CaseIterable {
        case bulge, concavity, hole, scratch, crack
    }

    var kind: Kind
    /// Largest displacement along the normal, mm; of a hole it means nothing.
    var depth: Float
    /// Diameter of a bulge, concavity or hole; length of a scratch or crack, mm.
    var size: Float
    /// Half width of a scratch, mm; a crack is half as wide.
    var halfWidth: Float

    /// Points farther than this from the tangent plane, as a share of the size, lie on another wall.
    private static let facing: Float = 0.3

    /// - Parameters:
    ///   - points, normals: the scan in mm, with the surface's outward unit normals. Shape [N] each.
    ///   - place: index of the defect's middle.
    /// - Complexity: O(N).
    func applied(to points: [SIMD3<Float>], normals: [SIMD3<Float>], at place: Int, generator: inout SplitMix64)
        -> [SIMD3<Float>]
    {
        let middle = points[place], up = normals[place], radius = size / 2
        let angle = 2 * Float.pi * generator.uniform()
        let side = abs(up.x) < 0.7 ? SIMD3<Float>(1, 0, 0) : SIMD3<Float>(0, 1, 0)
        let sideways = up.cross(side), first = sideways / sideways.norm, second = up.cross(first)
        let along = first * cos(angle) + second * sin(angle), across = up.cross(along)
        let phase = 2 * Float.pi * generator.uniform()
        var result: [SIMD3<Float>] = []
        result.reserveCapacity(points.count)
        for (point, normal) in zip(points, normals) {
            let offset = point - middle
            guard (normal * up).sum() > Self.facing, (offset * offset).sum() < 2 * radius * radius else {
                result.append(point)
                continue
            }
            let x = (offset * along).sum(), y = (offset * across).sum()
            let round = max(0, 1 - (offset * offset).sum() / (radius * radius))
            switch kind {
            case .bulge: result.append(point + normal * (depth * round * round))
            case .concavity: result.append(point - normal * (depth * round * round))
            case .hole: if round == 0 { result.append(point) }
            case .scratch, .crack:
                // A crack wanders from side to side, and is half as wide.
                let bent = kind == .crack ? y - 0.06 * size * sin(12 * x / size + phase) : y
                let width = kind == .crack ? halfWidth / 2 : halfWidth
                let groove = abs(x) < radius ? max(0, 1 - bent * bent / (width * width)) : 0
                result.append(point - normal * (depth * groove))
            }
        }
        return result
    }
}
