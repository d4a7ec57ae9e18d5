internal import ParallelLoops

/// How well a pose lays a sample of one cloud on another's surface.
struct PoseFit: Sendable {
    /// Share of the points with a neighbour within the distance.
    var fitness = 0.0
    /// Of those, the root mean square distance to the tangent planes.
    var rmse = 0.0
    /// Mean over all points of the squared distance to the tangent plane, 1 where it, or the neighbour, is beyond the
    /// distance (a truncated cost, as in MSAC): 0 is perfect, 1 hopeless.
    var cost = 1.0
}

/// A surface that poses are tried on.
struct PoseTarget: Sendable {
    let index: NeighborIndex
    let normals: [SIMD3<Float>]
    let workers: Workers

    /// - Parameter plane: how far from the neighbour's tangent plane a point still counts; nil is `distance`. A thin
    ///   cloud's points lie nearer to the surface than to each other.
    /// - Complexity: O(n log m).
    func fit(
        _ points: [SIMD3<Float>], _ transform: RigidTransform, within distance: Float, plane: Float? = nil
    ) -> PoseFit {
        guard !points.isEmpty else { return PoseFit() }
        let moved = transform.apply(points)
        let (indices, squared) = index.nearest(of: moved, workers: workers)
        var (near, sum, cost) = (0, 0.0, 0.0)
        let reach = Double(distance) * Double(distance)
        let scale = plane.map { Double($0) * Double($0) } ?? reach
        for i in moved.indices {
            guard indices[i] >= 0, Double(squared[i]) <= reach else {
                cost += 1
                continue
            }
            let nearest = Int(indices[i])
            let offset = Double(((moved[i] - index.points[nearest]) * normals[nearest]).sum())
            near += 1
            sum += offset * offset
            cost += min(1, offset * offset / scale)
        }
        let n = Double(points.count)
        return PoseFit(
            fitness: Double(near) / n, rmse: near > 0 ? (sum / Double(near)).squareRoot() : 0, cost: cost / n)
    }

    /// How many points have a neighbour within the distance, and lie within half of it of that neighbour's plane.
    func countLying(_ points: [SIMD3<Float>], _ transform: RigidTransform, within distance: Float) -> Int {
        let moved = transform.apply(points)
        let (indices, squared) = index.nearest(of: moved, workers: workers)
        return moved.indices.count { i in
            guard indices[i] >= 0, squared[i] <= distance * distance else { return false }
            let nearest = Int(indices[i])
            return abs(((moved[i] - index.points[nearest]) * normals[nearest]).sum()) <= distance / 2
        }
    }

    /// Point-to-plane ICP of a small sample from close by.
    func refined(
        _ points: [SIMD3<Float>], from initial: RigidTransform, reach: Float?, final distance: Float,
        iterations: Int = 30
    ) -> RigidTransform {
        var options = IterativeClosestPoint.Options()
        options.initialDistance = reach
        options.finalDistance = distance
        options.maximumIterations = iterations
        options.coarseCount = max(1, points.count)
        options.workers = workers
        return IterativeClosestPoint.pointToPlane(
            source: points, target: index, targetNormals: normals, initial: initial, options: options
        ).transform
    }
}
