public import ParallelLoops

extension MeshSampling {
    /// Points at even distances, like those of a Poisson disk: farthest-point sampling of `oversampling` times as many
    /// uniform ones.
    ///
    /// No point of the uniform sample is farther from the chosen ones than those are from each other. On a plane,
    /// the least distance was 0.62, 0.67 and 0.70 of the spacing of a hexagonal grid of as many points, for an
    /// oversampling of 4, 8 and 16 (of uniform points 0.01). Any first part of the result is even as well.
    /// Distances go straight through space: the two sides of a wall thinner than the spacing share their points. Edges
    /// and corners are favoured a little, as always with farthest points.
    ///
    /// - Parameter oversampling: at least 1; more is more even, and slower.
    /// - Returns: `count` points in the order in which they were chosen; none if no triangle has an area. The same for
    ///   the same mesh, count, seed and oversampling, on any number of threads.
    /// - Complexity: that of `FarthestPointSampling` on `count * oversampling` points.
    public static func even(
        _ mesh: TriangleMesh, count: Int, seed: UInt64, oversampling: Int = 8, workers: Workers = .all
    ) -> Samples {
        let count = max(0, count)
        let (wanted, overflow) = count.multipliedReportingOverflow(by: max(1, oversampling))
        // An index holds 2^31 points at most; beyond that the sample is less even, not wrong.
        let candidates = overflow ? max(count, Int(Int32.max) - 1) : max(count, min(wanted, Int(Int32.max) - 1))
        let dense = uniform(mesh, count: candidates, seed: seed)
        let chosen = FarthestPointSampling.sample(NeighborIndex(dense.points, workers: workers), count: count)
        return Samples(
            points: chosen.map { dense.points[Int($0)] }, normals: chosen.map { dense.normals[Int($0)] },
            triangles: chosen.map { dense.triangles[Int($0)] }, skipped: dense.skipped)
    }
}
