internal import CKernels

extension NeighborIndex {
    /// Median over a sample of the points of the root mean square distance of each one's neighbours to their plane, in the
    /// points' unit: the scanner's noise, and what the form itself bends within a neighbourhood. Of two scans of one form
    /// and density the noisier has the larger, in whatever pose they lie.
    ///
    /// - Parameter neighbors: some 24 of each point, itself among them.
    /// - Complexity: O(`samples` k).
    public func roughness(_ neighbors: NeighborTable, samples: Int = 512) -> Float {
        precondition(neighbors.count == points.count, "the table belongs to another cloud")
        guard neighbors.size > 3, !points.isEmpty else { return 0 }
        let axes = NeighborhoodAxes(.surfaceVariation)
        let count = min(samples, points.count)
        let residuals = (0..<count).map { number -> Float in
            let near = neighbors.neighbors(of: number * points.count / count)
            near.withUnsafeBufferPointer { indices in
                points.withUnsafeBufferPointer { points in
                    geometry_covariance_of_points(
                        points.floats, indices.baseAddress!, Int32(indices.count), axes.covariance(0))
                }
            }
            axes.solve()
            let normal = axes.normal(0)
            var sum = 0.0, squares = 0.0
            for index in near {
                let height = Double((points[Int(index)] * normal).sum())
                sum += height
                squares += height * height
            }
            let n = Double(near.count)
            return Float(max(0, squares / n - sum / n * (sum / n)).squareRoot())
        }.sorted()
        return residuals[residuals.count / 2]
    }
}
