public import ParallelLoops

/// Where points lie with respect to an `OrientedSurface`.
public struct SignedDistances: Sendable, Equatable {
    /// Signed distance in mm, outward positive; infinite for points that are not finite, and where there is no surface.
    /// Shape [N].
    public var values: [Float]
    /// Index of the surface point whose tangent plane that is: it tells the side of a thin wall. -1 where the distance is
    /// infinite. Shape [N].
    public var sites: [Int32]

    public init(values: [Float], sites: [Int32]) {
        precondition(values.count == sites.count, "one site for each distance")
        self.values = values
        self.sites = sites
    }
}

extension OrientedSurface {
    /// Tangent planes that a point may lie on.
    static let planeCandidates = 6

    /// Signed distances from points to the surface.
    ///
    /// To a tangent plane near by: of those at the six nearest surface points the one that lies closest, since at an edge
    /// the nearest point may belong to the other face; of equal ones that of the nearer point. Where a point lies beside
    /// the surface point by more than the spacing, the excess of the lateral distance counts too. With h the height over
    /// the plane, d the distance to the surface point and s the spacing:
    /// sign(h) sqrt(h^2 + max(0, sqrt(d^2 - h^2) - s)^2).
    /// - Complexity: O(N log M) for N points on a surface of M; near it O(N). Points are worked off in groups along a
    ///   curve.
    public func signedDistances(of queries: [SIMD3<Float>], workers: Workers = .all) -> SignedDistances {
        var values = [Float](repeating: .infinity, count: queries.count)
        var sites = [Int32](repeating: -1, count: queries.count)
        guard index.finiteCount > 0 else { return SignedDistances(values: values, sites: sites) }
        let order = MortonOrder(queries, workers: workers).indices
        values.withUnsafeMutableBufferPointer { values in
            sites.withUnsafeMutableBufferPointer { sites in
                let (values, sites) = (DisjointWrites(values), DisjointWrites(sites))
                let ordered = order.map { queries[Int($0)] }
                index.tree.forEachNearest(Self.planeCandidates, of: ordered, workers: workers) { i, nearest in
                    let query = Int(order[i])
                    (values[query], sites[query]) = distance(of: ordered[i], nearest)
                }
            }
        }
        return SignedDistances(values: values, sites: sites)
    }

    @inline(__always)
    private func distance(
        of query: SIMD3<Float>, _ nearest: borrowing NearestFew
    ) -> (Float, Int32) {
        var (best, sign, chosen) = (Float.infinity, Float(1), Int32(-1))
        for rank in 0..<nearest.count {
            let key = nearest[rank]
            let site = index.tree.order[key.position]
            let height = ((query - index.tree.point(key.position)) * normals[Int(site)]).sum()
            let lateral = max(0, (key.squaredDistance - height * height).rootOrZero - spacing)
            let distance = (height * height + lateral * lateral).squareRoot()
            if distance < best { (best, sign, chosen) = (distance, height < 0 ? -1 : 1, site) }
        }
        return (sign * best, chosen)
    }
}

extension Float {
    /// Square root with rounding residue below zero taken as zero.
    @inline(__always)
    var rootOrZero: Float { self > 0 ? squareRoot() : 0 }
}
