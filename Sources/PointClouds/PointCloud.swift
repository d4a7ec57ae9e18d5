internal import ParallelLoops

/// A cloud as read from a file or a frame: points in mm, with what else the sensor gave for each.
public struct PointCloud: Sendable, Equatable {
    /// Coordinates; may hold points that are not finite (organised clouds mark missing returns so). Shape [N].
    public var points: [SIMD3<Float>]
    /// Shape [N].
    public var normals: [SIMD3<Float>]?
    /// In the sensor's unit. Shape [N].
    public var intensities: [Float]?

    /// - Precondition: normals and intensities, where given, are as many as the points.
    public init(points: [SIMD3<Float>], normals: [SIMD3<Float>]? = nil, intensities: [Float]? = nil) {
        precondition(normals == nil || normals?.count == points.count)
        precondition(intensities == nil || intensities?.count == points.count)
        self.points = points
        self.normals = normals
        self.intensities = intensities
    }

    /// What `removingInvalid` dropped.
    public struct Removed: Sendable, Equatable {
        /// Points with a coordinate that is NaN or infinite.
        public var nonFinite: Int
        /// Points at exactly the coordinates of an earlier one.
        public var repeated: Int

        public init(nonFinite: Int, repeated: Int) {
            self.nonFinite = nonFinite
            self.repeated = repeated
        }
    }

    /// The cloud without points that are not finite, and without repetitions (the first of each is kept).
    ///
    /// Everything that scores a part works on such a cloud.
    /// - Returns: the cloud, the index of each of its points in this one, and how many were dropped and why.
    /// - Complexity: O(n).
    public func removingInvalid() -> (cloud: PointCloud, kept: [Int32], removed: Removed) {
        let order = MortonOrder(points, workers: .one).indices
        var keeps = [Bool](repeating: false, count: points.count)
        var kept = 0
        // Equal points are next to each other on the curve, the one with the least index first.
        for (i, index) in order.enumerated()
        where i == 0 || points[Int(index)] != points[Int(order[i - 1])] {
            keeps[Int(index)] = true
            kept += 1
        }
        let removed = Removed(nonFinite: points.count - order.count, repeated: order.count - kept)
        let indices = points.indices.lazy.filter { keeps[$0] }.map(Int32.init)
        let all = Array(indices)
        return (kept == points.count ? self : selecting(all), all, removed)
    }

    /// The points with these indices, in this order, with their normals and intensities.
    public func selecting(_ indices: [Int32]) -> PointCloud {
        PointCloud(
            points: indices.map { points[Int($0)] },
            normals: normals.map { normals in indices.map { normals[Int($0)] } },
            intensities: intensities.map { intensities in indices.map { intensities[Int($0)] } })
    }
}
