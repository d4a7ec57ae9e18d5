public import ParallelLoops

extension OrientedSurface {
    /// Part points among which one of the same side is looked for.
    static let gapCandidates = 16

    /// How far the surface is bare of a part: for each of `sites` the lateral distance in mm to the part's nearest point
    /// on the same side of the wall.
    ///
    /// Large where the part has no surface, small where its surface lies merely higher or lower. Two points are on one
    /// side if the normals at their sites make an acute angle. Only the 16 nearest part points are looked at; if none of
    /// them is on the same side, the distance to the last of them is given, a lower bound. Infinite if the part has no
    /// point, or the site is not finite.
    /// - Parameters:
    ///   - sites: indices of surface points.
    ///   - part: the part's points, in a frame of their own: its index need not be built anew once it is registered.
    ///   - placement: from the surface's frame to the part's.
    ///   - sides: `signedDistances` of the part's points in the surface's frame.
    /// - Returns: shape of `sites`.
    /// - Complexity: O(S log N) for S sites and a part of N points: one nearest point each, more only where that one is
    ///   on the other side.
    public func gaps(
        at sites: [Int32], to part: NeighborIndex, placement: RigidTransform = .identity, sides: SignedDistances,
        workers: Workers = .all
    ) -> [Float] {
        precondition(sides.sites.count == part.points.count, "distances of another part")
        var gaps = [Float](repeating: .infinity, count: sites.count)
        guard part.finiteCount > 0 else { return gaps }
        // A negative gap is one that is not known yet.
        let placed = sites.map { placement.apply(points[Int($0)]) }
        let order = MortonOrder(placed, workers: workers).indices
        let ordered = order.map { placed[Int($0)] }
        @Sendable func lateral(of slot: Int, to key: NeighborKey) -> Float? {
            let normal = normals[Int(sites[slot])]
            let side = sides.sites[Int(part.tree.order[key.position])]
            // The lateral distance to a point of the part; nil if that is on the other side.
            guard side >= 0, (normals[Int(side)] * normal).sum() > 0 else { return nil }
            let height = ((part.tree.point(key.position) - placed[slot]) * placement.rotate(normal)).sum()
            return (key.squaredDistance - height * height).rootOrZero
        }
        gaps.withUnsafeMutableBufferPointer { gaps in
            let gaps = DisjointWrites(gaps)
            // Nearly always the nearest point is on the same side.
            part.tree.forEachNearest(of: ordered, workers: workers) { i, key in
                let slot = Int(order[i])
                gaps[slot] = lateral(of: slot, to: key) ?? -1
            }
            let open = order.filter { gaps[Int($0)] < 0 }
            let places = open.map { placed[Int($0)] }
            part.tree.forEachNearest(Self.gapCandidates, of: places, workers: workers) { i, nearest in
                let slot = Int(open[i])
                // All of them on the other side: at least as far as the last.
                var gap = nearest[nearest.count - 1].squaredDistance.rootOrZero
                for rank in 0..<nearest.count {
                    guard let found = lateral(of: slot, to: nearest[rank]) else { continue }
                    gap = found
                    break
                }
                gaps[slot] = gap
            }
        }
        return gaps
    }
}
