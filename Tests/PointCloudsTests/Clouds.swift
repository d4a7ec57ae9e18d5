import SeededRandom
import Foundation
import PointClouds
import Testing

/// Small seeded clouds of the kinds that break spatial indices.
enum Clouds {
    enum Kind: String, CaseIterable {
        case surface, uniform, clustered, planar, grid, line, duplicated, tiny, withOutlier
    }

    static func make(_ kind: Kind, _ n: Int, seed: UInt64 = 7) -> [SIMD3<Float>] {
        var g = SplitMix64(seed: seed)
        func unit() -> SIMD3<Float> { SIMD3(g.uniform(), g.uniform(), g.uniform()) }
        switch kind {
        case .surface: return surface(n, seed: seed)
        case .uniform: return (0..<n).map { _ in unit() * 100 }
        case .clustered:
            let centers = (0..<7).map { _ in unit() * 200 }
            return (0..<n).map { i in
                // Clusters whose sizes differ by powers of ten.
                let size = Float(pow(10, Double(i % 7) - 4))
                return centers[i % 7] + (unit() - 0.5) * size
            }
        case .planar: return (0..<n).map { _ in unit() * SIMD3(100, 100, 0) + SIMD3(0, 0, 5) }
        case .grid:
            let side = Int(Double(n).squareRoot().rounded(.up))
            return (0..<n).map { SIMD3(Float($0 % side), Float($0 / side), 0) }
        case .line: return (0..<n).map { _ in SIMD3(1, 2, 3) * g.uniform() }
        case .duplicated:
            let few = (0..<max(1, n / 40)).map { _ in unit() * 10 }
            return (0..<n).map { _ in few[g.next(below: few.count)] }
        case .tiny: return (0..<n).map { _ in SIMD3(1000, 1000, 1000) + unit() * 1e-3 }
        case .withOutlier: return surface(n - 1, seed: seed) + [SIMD3(1e12, -1e12, 1e12)]
        }
    }

    /// A bumpy closed surface without symmetry, about 200 x 140 x 120 mm.
    static func surface(_ n: Int, seed: UInt64 = 7) -> [SIMD3<Float>] {
        var g = SplitMix64(seed: seed)
        var points: [SIMD3<Float>] = []
        while points.count < n {
            var v = SIMD3<Float>(g.uniform(), g.uniform(), g.uniform()) * 2 - 1
            let squared = (v * v).sum()
            if squared > 1 || squared < 0.01 { continue }
            v /= squared.squareRoot()
            let r = 100 * (1 + 0.25 * v.x * v.y + 0.2 * abs(v.z) + 0.3 * max(0, v.x - 0.3))
            points.append(v * SIMD3(r, 0.7 * r, 0.5 * r))
        }
        return points
    }

    /// Two plates at a right angle and a short tube on one of them, `size` mm long, with noise of 0.05 mm.
    static func bracket(_ n: Int, size: Float, seed: UInt64) -> [SIMD3<Float>] {
        var g = SplitMix64(seed: seed)
        return (0..<n).map { i in
            let (u, v) = (g.uniform(), g.uniform())
            let noise = (SIMD3(g.uniform(), g.uniform(), g.uniform()) - 0.5) * 0.1
            switch i % 3 {
            case 0: return SIMD3(u, v / 2, 0) * size + noise
            case 1: return SIMD3(u, 0, 0.6 * v) * size + noise
            default:
                let a = 2 * Float.pi * u
                return SIMD3(0.5 + cos(a) / 8, 0.25 + sin(a) / 8, v / 3) * size + noise
            }
        }
    }

    /// A surface of revolution about z: a bottle of radius 35 and height 200 mm.
    static func bottle(_ n: Int, seed: UInt64 = 7) -> [SIMD3<Float>] {
        var g = SplitMix64(seed: seed)
        return (0..<n).map { _ in
            let h = g.uniform()
            let r: Float = h < 0.6 ? 35 : max(12, 35 - (h - 0.6) * 140)
            let a = g.uniform() * 2 * .pi
            return SIMD3(r * cos(a), r * sin(a), 200 * h)
        }
    }

    /// The least side of a cube of a lattice that holds n points.
    static func latticeSide(_ n: Int) -> Int {
        var side = 1
        while side * side * side < n { side += 1 }
        return side
    }

    static func shuffled(_ points: [SIMD3<Float>], seed: UInt64 = 99) -> (points: [SIMD3<Float>], from: [Int]) {
        var g = SplitMix64(seed: seed)
        let from = Array(points.indices).shuffled(using: &g)
        return (from.map { points[$0] }, from)
    }
}

/// Reference values written by tools/reference/geometry.py (NumPy, SciPy, Open3D: versions in reference.json).
enum Fixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.resourceURL?.appendingPathComponent("Fixtures/\(name)"))
        return [UInt8](try Data(contentsOf: url))
    }

    static func values<T: BitwiseCopyable>(_ name: String, of type: T.Type = T.self) throws -> [T] {
        try bytes(name).withUnsafeBytes { raw in
            (0..<raw.count / MemoryLayout<T>.size).map {
                raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self)
            }
        }
    }

    static func points(_ name: String) throws -> [SIMD3<Float>] {
        let flat: [Float] = try values(name)
        return stride(from: 0, to: flat.count, by: 3).map { SIMD3(flat[$0], flat[$0 + 1], flat[$0 + 2]) }
    }

    struct Reference: Decodable {
        struct ICP: Decodable {
            var transform: [Double]
            var fitness: Double
        }
        var spacing: Double
        var icp: ICP
        var chamfer: Double
        var kept: [Int32]
        var boxVolume: Double
    }

    static func reference() throws -> Reference {
        try JSONDecoder().decode(Reference.self, from: Data(bytes("reference.json")))
    }
}
