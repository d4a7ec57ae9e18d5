import SeededRandom
import Foundation
import PointClouds

/// Parts put together from boxes, tubes and ellipsoids, sampled evenly over their outer surface. About 200 mm long.
struct Shape {
    enum Primitive {
        case box(center: SIMD3<Float>, half: SIMD3<Float>)
        /// Closed, along the axis of that number.
        case cylinder(center: SIMD3<Float>, radius: Float, half: Float, axis: Int)
        case ellipsoid(center: SIMD3<Float>, half: SIMD3<Float>)
    }

    var primitives: [Primitive]

    /// Five without any symmetry.
    static let asymmetric: [(name: String, shape: Shape)] = [
        (
            "bracket",
            Shape(primitives: [
                .box(center: SIMD3(0, 0, 0), half: SIMD3(100, 50, 6)),
                .box(center: SIMD3(0, -44, 40), half: SIMD3(100, 6, 40)),
                .cylinder(center: SIMD3(45, 12, 22), radius: 20, half: 20, axis: 2),
                .box(center: SIMD3(-70, 20, 12), half: SIMD3(14, 10, 10)),
            ])
        ),
        (
            "housing",
            Shape(primitives: [
                .box(center: SIMD3(0, 0, 0), half: SIMD3(80, 60, 40)),
                .cylinder(center: SIMD3(80, 15, 10), radius: 22, half: 35, axis: 0),
                .cylinder(center: SIMD3(-30, -20, 40), radius: 25, half: 25, axis: 2),
                .ellipsoid(center: SIMD3(-20, 60, -5), half: SIMD3(30, 20, 18)),
            ])
        ),
        (
            "handle",
            Shape(primitives: [
                .ellipsoid(center: SIMD3(0, 0, 0), half: SIMD3(95, 40, 32)),
                .cylinder(center: SIMD3(60, 0, 35), radius: 14, half: 40, axis: 2),
                .ellipsoid(center: SIMD3(-55, 25, 12), half: SIMD3(30, 26, 24)),
            ])
        ),
        (
            "manifold",
            Shape(primitives: [
                .cylinder(center: SIMD3(0, 0, 0), radius: 24, half: 100, axis: 0),
                .cylinder(center: SIMD3(-50, 0, 35), radius: 14, half: 35, axis: 2),
                .cylinder(center: SIMD3(10, 40, 0), radius: 18, half: 40, axis: 1),
                .cylinder(center: SIMD3(70, 0, -30), radius: 12, half: 30, axis: 2),
            ])
        ),
        (
            "duck",
            Shape(primitives: [
                .ellipsoid(center: SIMD3(0, 0, 0), half: SIMD3(90, 60, 45)),
                .ellipsoid(center: SIMD3(65, 10, 55), half: SIMD3(38, 34, 36)),
                .ellipsoid(center: SIMD3(108, 10, 50), half: SIMD3(22, 16, 8)),
                .ellipsoid(center: SIMD3(-80, -5, 25), half: SIMD3(28, 18, 20)),
                .box(center: SIMD3(-10, -20, -45), half: SIMD3(30, 22, 8)),
            ])
        ),
    ]

    /// `n` points, with normal noise of `noise` mm on each coordinate.
    func sample(_ n: Int, noise: Float, seed: UInt64) -> [SIMD3<Float>] {
        var g = SplitMix64(seed: seed)
        let areas = primitives.map(Self.area)
        let whole = areas.reduce(0, +)
        var points: [SIMD3<Float>] = []
        while points.count < n {
            var choice = g.uniform() * whole
            var i = 0
            while i < areas.count - 1 && choice >= areas[i] {
                choice -= areas[i]
                i += 1
            }
            guard let p = Self.point(primitives[i], &g) else { continue }
            if primitives.indices.contains(where: { $0 != i && Self.isInside(primitives[$0], p) }) { continue }
            points.append(p + SIMD3(g.normal(), g.normal(), g.normal()) * noise)
        }
        return points
    }

    private static func area(_ primitive: Primitive) -> Float {
        switch primitive {
        case .box(_, let h): return 8 * (h.x * h.y + h.y * h.z + h.z * h.x)
        case .cylinder(_, let r, let h, _): return 2 * .pi * r * (r + 2 * h)
        // Of the sphere around it: the rest is rejected.
        case .ellipsoid(_, let h): return 4 * .pi * h.max() * h.max()
        }
    }

    private static func point(_ primitive: Primitive, _ g: inout SplitMix64) -> SIMD3<Float>? {
        switch primitive {
        case .box(let center, let h):
            let faces = [h.y * h.z, h.z * h.x, h.x * h.y]
            var choice = g.uniform() * faces.reduce(0, +)
            var axis = 0
            while axis < 2 && choice >= faces[axis] {
                choice -= faces[axis]
                axis += 1
            }
            var p = (SIMD3(g.uniform(), g.uniform(), g.uniform()) * 2 - 1) * h
            p[axis] = g.uniform() < 0.5 ? -h[axis] : h[axis]
            return center + p
        case .cylinder(let center, let r, let h, let axis):
            let angle = 2 * Float.pi * g.uniform()
            let onCap = g.uniform() * (r + 2 * h) < r
            let reach = onCap ? r * g.uniform().squareRoot() : r
            let along = onCap ? (g.uniform() < 0.5 ? -h : h) : (2 * g.uniform() - 1) * h
            var p = SIMD3<Float>.zero
            p[axis] = along
            p[(axis + 1) % 3] = reach * cos(angle)
            p[(axis + 2) % 3] = reach * sin(angle)
            return center + p
        case .ellipsoid(let center, let h):
            var u = SIMD3(g.normal(), g.normal(), g.normal())
            u /= (u * u).sum().squareRoot()
            // Area grows by |u / h| times the volume's factor; the greatest is where h is least.
            let stretch = ((u / h) * (u / h)).sum().squareRoot() * (h.x * h.y * h.z)
            if g.uniform() * h.max() * h.max() > stretch { return nil }
            return center + u * h
        }
    }

    private static func isInside(_ primitive: Primitive, _ p: SIMD3<Float>) -> Bool {
        switch primitive {
        case .box(let center, let h):
            let d = p - center
            return abs(d.x) < h.x && abs(d.y) < h.y && abs(d.z) < h.z
        case .cylinder(let center, let r, let h, let axis):
            var d = p - center
            if abs(d[axis]) >= h { return false }
            d[axis] = 0
            return (d * d).sum() < r * r
        case .ellipsoid(let center, let h):
            let d = (p - center) / h
            return (d * d).sum() < 1
        }
    }
}
