internal import SeededRandom

/// Points on the surface of a mesh: what a scan of it would give, without noise.
public enum MeshSampling {
    /// Points on a mesh. All arrays are of shape [N].
    public struct Samples: Sendable, Equatable {
        /// mm.
        public var points: [SIMD3<Float>]
        /// The unit normal of the triangle that the point is on.
        public var normals: [SIMD3<Float>]
        /// Which triangle that is.
        public var triangles: [Int32]
        /// Triangles that can hold no point.
        public var skipped: Skipped
    }

    /// Triangles that were passed over.
    public struct Skipped: Sendable, Equatable {
        /// Without area: corners on a line, or two the same.
        public var zeroArea = 0
        /// With a corner that is NaN or infinite.
        public var nonFinite = 0

        public init(zeroArea: Int = 0, nonFinite: Int = 0) {
            self.zeroArea = zeroArea
            self.nonFinite = nonFinite
        }
    }

    /// Uniform by area, stratified: the area, triangle after triangle, is cut into `count` equal shares, and each gives
    /// one point at random. So every region holds as many points as its area asks for, give or take the few shares that
    /// cross its border; plain random choice would be off by the root of the number.
    ///
    /// Within a triangle by p = (1 - sqrt(u)) a + sqrt(u) (1 - v) b + sqrt(u) v c (Osada, Funkhouser, Chazelle and
    /// Dobkin 2002, eq. 1). Areas and coordinates in Double, points rounded once.
    /// - Returns: exactly `count` points, in the order of the triangles; none if no triangle has an area. The same for
    ///   the same mesh, count and seed.
    /// - Complexity: O(T + count).
    public static func uniform(_ mesh: TriangleMesh, count: Int, seed: UInt64) -> Samples {
        var samples = Samples(points: [], normals: [], triangles: [], skipped: Skipped())
        var total = 0.0
        var last = -1
        for triangle in mesh.triangles.indices {
            let area = length(mesh.halfCross(triangle))
            if !area.isFinite {
                samples.skipped.nonFinite += 1
            } else if area == 0 {
                samples.skipped.zeroArea += 1
            } else {
                total += area
                last = triangle
            }
        }
        guard last >= 0, count > 0 else { return samples }
        samples.points.reserveCapacity(count)
        samples.normals.reserveCapacity(count)
        samples.triangles.reserveCapacity(count)
        var generator = SplitMix64(seed: seed)
        let share = total / Double(count)
        var triangle = -1
        // The same sum as `total`, up to the current triangle.
        var reached = 0.0
        var normal = SIMD3<Float>.zero
        for i in 0..<count {
            let target = (Double(i) + generator.unit()) * share
            // The last one takes what rounding leaves over.
            while triangle < 0 || (target >= reached && triangle < last) {
                triangle += 1
                let cross = mesh.halfCross(triangle)
                let area = length(cross)
                guard area.isFinite, area > 0 else { continue }
                reached += area
                normal = SIMD3<Float>(cross / area)
            }
            let (a, b, c) = mesh.corners(triangle)
            let root = generator.unit().squareRoot()
            let v = generator.unit()
            // From corner a, so that what the three have in common is not rounded away.
            let offset = root * ((1 - v) * (b - a) + v * (c - a))
            samples.points.append(SIMD3<Float>(a + offset))
            samples.normals.append(normal)
            samples.triangles.append(Int32(triangle))
        }
        return samples
    }
}
