extension VoxelSampling {
    /// Edge of the cells at which a cloud leaves about `cells` of them, in the cloud's unit; between 0 and a tenth of its
    /// longest side.
    ///
    /// - Complexity: O(n) for each of twelve halvings.
    public static func edge(for points: [SIMD3<Float>], cells: Int) -> Float {
        var (low, high) = (SIMD3<Float>(repeating: .infinity), SIMD3<Float>(repeating: -.infinity))
        for point in points { (low, high) = (pointwiseMin(low, point), pointwiseMax(high, point)) }
        var (fine, coarse) = (Float(0), max((high - low).max() / 10, .leastNormalMagnitude))
        for _ in 0..<12 {
            let middle = (fine + coarse) / 2
            if representatives(points, size: middle).count > cells { fine = middle } else { coarse = middle }
        }
        return (fine + coarse) / 2
    }
}
