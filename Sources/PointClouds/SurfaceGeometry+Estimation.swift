internal import CKernels
public import ParallelLoops

extension SurfaceGeometry {
    /// Estimates both from the k nearest of each point, itself among them (eq. 1 and 2), in one pass over the index: the
    /// neighbours are not kept.
    ///
    /// Covariances are accumulated in Double, relative to the point itself; curvatures agree with a float64
    /// eigen-decomposition to 1e-6.
    /// - Parameter k: usually 24; all points if the cloud is smaller.
    /// - Complexity: O(n k) on a scanned surface; 20 bytes for each point.
    public init(
        index: NeighborIndex, nearest k: Int, curvature measure: CurvatureMeasure = .smallestPair,
        workers: Workers = .all
    ) {
        let tree = index.tree
        let k = min(k, tree.count)
        self.init(count: index.points.count) { normals, curvatures in
            guard k > 0 else { return }
            workers.run(over: tree.leafCount, by: 64) { leaves in
                tree.forEachAxes(of: leaves, nearest: k, measure) { position, normal, curvature in
                    let row = Int(tree.order[position])
                    normals[row] = normal
                    curvatures[row] = curvature
                }
            }
        }
    }

    /// The same from neighbours that are there already.
    ///
    /// - Parameters:
    ///   - neighbors: usually 24 of each, the point itself among them.
    ///   - radius: if given, neighbours farther away are left out (at least the point itself remains).
    public init(
        index: NeighborIndex, neighbors: NeighborTable, radius: Float? = nil,
        curvature measure: CurvatureMeasure = .smallestPair, workers: Workers = .all
    ) {
        let (tree, size) = (index.tree, neighbors.size)
        precondition(neighbors.count == index.points.count, "the table belongs to another cloud")
        let reach = radius.map { $0 * $0 } ?? .infinity
        self.init(count: index.points.count) { normals, curvatures in
            guard size > 0 else { return }
            workers.run(over: tree.count, by: 1024) { range in
                let axes = NeighborhoodAxes(measure)
                neighbors.withRows { indices, distances in
                    index.points.withUnsafeBufferPointer { points in
                        for start in stride(from: range.lowerBound, to: range.upperBound, by: NeighborhoodAxes.group) {
                            let end = min(start + NeighborhoodAxes.group, range.upperBound)
                            for position in start..<end {
                                let row = Int(tree.order[position]) * size
                                var k = size
                                // Rows are sorted by distance.
                                while k > 1 && distances[row + k - 1] > reach { k -= 1 }
                                geometry_covariance_of_points(
                                    points.floats, indices + row, Int32(k), axes.covariance(position - start))
                            }
                            axes.solve()
                            for position in start..<end {
                                let row = Int(tree.order[position])
                                normals[row] = axes.normal(position - start)
                                curvatures[row] = axes.curvature(position - start)
                            }
                        }
                    }
                }
            }
        }
    }

    /// From what `fill` writes; zeros where it writes nothing.
    private init(count: Int, _ fill: (DisjointWrites<SIMD3<Float>>, DisjointWrites<Float>) -> Void) {
        var normals = [SIMD3<Float>](repeating: .zero, count: count)
        var curvatures = [Float](repeating: 0, count: count)
        normals.withUnsafeMutableBufferPointer { normals in
            curvatures.withUnsafeMutableBufferPointer { curvatures in
                fill(DisjointWrites(normals), DisjointWrites(curvatures))
            }
        }
        self.init(normals: normals, curvatures: curvatures)
    }
}

extension NeighborTable {
    /// Calls `body` with the storage of both arrays. Not to be called on an empty table.
    @inline(__always)
    func withRows<R>(_ body: (UnsafePointer<Int32>, UnsafePointer<Float>) -> R) -> R {
        indices.withUnsafeBufferPointer { indices in
            squaredDistances.withUnsafeBufferPointer { distances in
                body(indices.baseAddress!, distances.baseAddress!)
            }
        }
    }
}

extension SpatialTree {
    /// Calls `body` with each point's position, normal and curvature, from its k nearest.
    @inline(__always)
    func forEachAxes(
        of leaves: Range<Int>, nearest k: Int, _ measure: SurfaceGeometry.CurvatureMeasure,
        visiting visit: (Int, borrowing LeafCandidates) -> Void = { _, _ in },
        _ body: (Int, SIMD3<Float>, Float) -> Void
    ) {
        let axes = NeighborhoodAxes(measure)
        // Neighbourhoods are visited along the curve: a group is of consecutive positions.
        var pending = 0
        var first = Int(leafStarts[leaves.lowerBound])
        forEachNeighborhood(of: leaves, nearest: k) { query, candidates in
            let q = point(query)
            geometry_covariance(
                candidates.x, candidates.y, candidates.z, candidates.chosen, Int32(k), q.x, q.y, q.z,
                axes.covariance(pending))
            visit(query, candidates)
            pending += 1
            if pending == NeighborhoodAxes.group {
                axes.solve()
                for lane in 0..<pending { body(first + lane, axes.normal(lane), axes.curvature(lane)) }
                first += pending
                pending = 0
            }
        }
        guard pending > 0 else { return }
        axes.solve()
        for lane in 0..<pending { body(first + lane, axes.normal(lane), axes.curvature(lane)) }
    }
}
