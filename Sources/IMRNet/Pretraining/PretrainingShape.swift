import Foundation
public import PointClouds
import SeededRandom

/// A surface that a network is pretrained on: a mesh, or a cloud of points.
public struct PretrainingShape: Sendable {
    enum Surface: Sendable {
        case mesh(TriangleMesh)
        /// Finite and different from each other.
        case points([SIMD3<Float>])
    }

    /// Its name decides on which side of the split it is: what follows a `+` does not count, so that the pieces of
    /// one model (`chair+seat`, `chair+leg`) stay together.
    public let name: String
    /// Of the file it came from, as the manifest tells it; part of what a checkpoint is held to.
    public let digest: String
    let surface: Surface

    /// Fewest different points that a cloud must have, and a mesh must give.
    public static let leastPoints = 256

    /// - Throws: where no triangle has an area, or the points sampled on it fall on one another.
    public init(name: String, digest: String = "", mesh: TriangleMesh) throws(PretrainingError) {
        let trial = MeshSampling.uniform(mesh, count: Self.leastPoints, seed: 0).points
        guard !trial.isEmpty else {
            throw PretrainingError(
                .shape,
                "\(name): expected a mesh with an area, found \(mesh.triangles.count) triangles and none has one")
        }
        try self.init(name, digest, .mesh(mesh), trial: trial)
    }

    /// - Throws: where fewer than `leastPoints` of the points are finite and different.
    public init(name: String, digest: String = "", points: [SIMD3<Float>]) throws(PretrainingError) {
        let valid = PointCloud(points: points).removingInvalid().cloud.points
        guard valid.count >= Self.leastPoints else {
            throw PretrainingError(
                .shape,
                "\(name): expected at least \(Self.leastPoints) different points, found \(valid.count) of \(points.count)"
            )
        }
        try self.init(name, digest, .points(valid), trial: valid)
    }

    private init(
        _ name: String, _ digest: String, _ surface: Surface, trial: [SIMD3<Float>]
    ) throws(PretrainingError) {
        let normalized = Self.normalized(trial)
        guard PointCloud(points: normalized).removingInvalid().cloud.points.count >= Self.leastPoints / 2 else {
            throw PretrainingError(.shape, "\(name): the surface is too small for its distance from the origin")
        }
        self.name = name
        self.digest = digest
        self.surface = surface
    }

    /// A fresh sample of the surface in the unit ball: at most `count` points, exactly so many from a mesh.
    ///
    /// - Complexity: O(triangles + count), or O(points).
    func sample(_ count: Int, using random: inout SplitMix64) -> [SIMD3<Float>] {
        let seed = random.next()
        switch surface {
        case .mesh(let mesh): return Self.normalized(MeshSampling.uniform(mesh, count: count, seed: seed).points)
        case .points(let points):
            let chosen = RandomSampling.indices(count: count, of: points.count, seed: seed)
            return Self.normalized(chosen.map { points[Int($0)] })
        }
    }

    /// Centroid at the origin, largest radius 1; computed in Double.
    static func normalized(_ points: [SIMD3<Float>]) -> [SIMD3<Float>] {
        var center = SIMD3<Double>.zero
        for point in points { center += SIMD3<Double>(point) }
        center /= Double(max(points.count, 1))
        var squared = 0.0
        for point in points {
            let offset = SIMD3<Double>(point) - center
            squared = max(squared, (offset * offset).sum())
        }
        let factor = squared > 0 ? 1 / squared.squareRoot() : 0
        return points.map { SIMD3<Float>((SIMD3<Double>($0) - center) * factor) }
    }

    /// Where its name, but for what follows a `+`, falls in 0..<1: the same wherever and among whatever it lies.
    var place: Double { Double(Self.hash(name.prefix { $0 != "+" }) >> 11) * 0x1p-53 }

    /// A place in a row by chance, that of the whole name.
    var rank: UInt64 { Self.hash(name[...]) }

    /// FNV-1a, then mixed.
    private static func hash(_ text: Substring) -> UInt64 {
        var hash = FNV1a()
        hash.add(text.utf8)
        return SplitMix64.seed(hash.value, stream: 0)
    }
}
