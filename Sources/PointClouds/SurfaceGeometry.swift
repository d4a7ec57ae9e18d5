public import ParallelLoops

/// Normal and curvature of a surface at each point of a cloud, from the covariance of its nearest neighbours.
public struct SurfaceGeometry: Sendable, Equatable {
    /// Which ratio of the covariance's eigenvalues l0 <= l1 <= l2 is called curvature.
    public enum CurvatureMeasure: Sendable {
        /// l0 / (l0 + l1 + eps), of the two smallest: 0 on a plane, at most 0.5 (IMRNet, eq. 2).
        case smallestPair
        /// l0 / (l0 + l1 + l2), at most 1/3 (Pauly 2002).
        case surfaceVariation
    }

    /// Unit eigenvectors of the smallest eigenvalue; their sign carries no meaning (the component of largest magnitude
    /// is positive). Zero at points that are not finite. Shape [N].
    public let normals: [SIMD3<Float>]
    /// Curvature, without unit. Shape [N].
    public let curvatures: [Float]

    public init(normals: [SIMD3<Float>], curvatures: [Float]) {
        precondition(normals.count == curvatures.count)
        self.normals = normals
        self.curvatures = curvatures
    }

    /// eps of eq. 2 as a share of l0 + l1 + l2: on a line of points, where both of the two smallest are rounding noise,
    /// the curvature is 0.
    public static let relativeEpsilon = 1e-9

    /// Estimates both from the neighbours of each point (eq. 1 and 2).
    ///
    /// Covariances are accumulated in Double, relative to the point itself, nearest neighbour first; curvatures agree
    /// with a float64 eigen-decomposition to 1e-6.
    /// - Parameters:
    ///   - neighbors: usually 24 of each, the point itself among them.
    ///   - radius: if given, neighbours farther away are left out (at least the point itself remains).
    public init(
        index: NeighborIndex, neighbors: NeighborTable, radius: Float? = nil,
        curvature measure: CurvatureMeasure = .smallestPair, workers: Workers = .all
    ) {
        let n = index.points.count
        precondition(neighbors.count == n, "the table belongs to another cloud")
        let reach = radius.map { $0 * $0 } ?? .infinity
        var normals = [SIMD3<Float>](repeating: .zero, count: n)
        var curvatures = [Float](repeating: 0, count: n)
        normals.withUnsafeMutableBufferPointer { normals in
            curvatures.withUnsafeMutableBufferPointer { curvatures in
                let normals = DisjointWrites(normals)
                let curvatures = DisjointWrites(curvatures)
                let tree = index.tree
                // A multiple of the four lanes: every point has the same lane neighbours on any number of threads.
                workers.run(over: tree.count, by: 1024) { range in
                    index.points.withUnsafeBufferPointer { points in
                        neighbors.indices.withUnsafeBufferPointer { indices in
                            neighbors.squaredDistances.withUnsafeBufferPointer { distances in
                                let covariances = CovarianceLanes(
                                    points: points, indices: indices, distances: distances, size: neighbors.size,
                                    reach: reach)
                                for start in stride(from: range.lowerBound, to: range.upperBound, by: 4) {
                                    let rows = SIMD4<Int32>(
                                        tree.order[start], tree.order[min(start + 1, tree.count - 1)],
                                        tree.order[min(start + 2, tree.count - 1)],
                                        tree.order[min(start + 3, tree.count - 1)])
                                    let eigen = covariances.eigen(rows)
                                    for lane in 0..<min(4, range.upperBound - start) {
                                        let row = Int(rows[lane])
                                        normals[row] = Self.normal(eigen, lane)
                                        curvatures[row] = Self.curvature(eigen, lane, measure)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        self.init(normals: normals, curvatures: curvatures)
    }

    private static func normal(_ eigen: SymmetricEigen, _ lane: Int) -> SIMD3<Float> {
        let u = eigen.vectors.0
        var normal = SIMD3<Double>(u.x[lane], u.y[lane], u.z[lane])
        let length = (normal.x * normal.x + normal.y * normal.y + normal.z * normal.z).squareRoot()
        let magnitude = normal.replacing(with: -normal, where: normal .< 0)
        let largest =
            magnitude.y > magnitude.x ? (magnitude.z > magnitude.y ? 2 : 1) : (magnitude.z > magnitude.x ? 2 : 0)
        normal /= normal[largest] < 0 ? -length : length
        return SIMD3<Float>(normal)
    }

    private static func curvature(_ eigen: SymmetricEigen, _ lane: Int, _ measure: CurvatureMeasure) -> Float {
        // Rounding may leave the smallest just below zero.
        let l0 = max(0, eigen.values.0[lane])
        let l1 = max(0, eigen.values.1[lane])
        let sum = l0 + l1 + max(0, eigen.values.2[lane])
        guard sum > 0 else { return 0 }
        switch measure {
        case .smallestPair: return Float(l0 / (l0 + l1 + Self.relativeEpsilon * sum))
        case .surfaceVariation: return Float(l0 / sum)
        }
    }
}

/// Covariances of the neighbourhoods of four points at a time.
private struct CovarianceLanes {
    let points: UnsafeBufferPointer<SIMD3<Float>>
    let indices: UnsafeBufferPointer<Int32>
    let distances: UnsafeBufferPointer<Float>
    let size: Int
    let reach: Float

    @inline(__always)
    private func gather(_ rows: SIMD4<Int32>) -> (SIMD4<Double>, SIMD4<Double>, SIMD4<Double>) {
        let a = SIMD3<Double>(points[Int(rows.x)])
        let b = SIMD3<Double>(points[Int(rows.y)])
        let c = SIMD3<Double>(points[Int(rows.z)])
        let d = SIMD3<Double>(points[Int(rows.w)])
        return (SIMD4(a.x, b.x, c.x, d.x), SIMD4(a.y, b.y, c.y, d.y), SIMD4(a.z, b.z, c.z, d.z))
    }

    @inline(__always)
    func eigen(_ rows: SIMD4<Int32>) -> SymmetricEigen {
        let (originX, originY, originZ) = gather(rows)
        let starts = SIMD4<Int>(truncatingIfNeeded: rows) &* size
        var n = SIMD4<Double>.zero
        var (sx, sy, sz) = (n, n, n)
        var (xx, xy, xz, yy, yz, zz) = (n, n, n, n, n, n)
        for j in 0..<size {
            let at = starts &+ j
            let (px, py, pz) = gather(SIMD4(indices[at.x], indices[at.y], indices[at.z], indices[at.w]))
            var weight = SIMD4<Double>(repeating: 1)
            if reach < .infinity {
                let d = SIMD4(distances[at.x], distances[at.y], distances[at.z], distances[at.w])
                weight = SIMD4<Double>(
                    d.x <= reach ? 1 : 0, d.y <= reach ? 1 : 0, d.z <= reach ? 1 : 0, d.w <= reach ? 1 : 0)
            }
            let dx = (px - originX) * weight
            let dy = (py - originY) * weight
            let dz = (pz - originZ) * weight
            n += weight
            sx += dx
            sy += dy
            sz += dz
            xx += dx * dx
            xy += dx * dy
            xz += dx * dz
            yy += dy * dy
            yz += dy * dz
            zz += dz * dz
        }
        let (mx, my, mz) = (sx / n, sy / n, sz / n)
        return SymmetricEigen(
            xx: xx / n - mx * mx, xy: xy / n - mx * my, xz: xz / n - mx * mz, yy: yy / n - my * my,
            yz: yz / n - my * mz, zz: zz / n - mz * mz)
    }
}
