public import ParallelLoops

extension Patches {
    /// The `size` nearest points of each centre, relative to it, nearest first.
    ///
    /// - Parameters:
    ///   - centers: indices of centres in the cloud; those that are not finite are left out.
    ///   - size: points of a patch. A cloud with fewer finite points gives smaller patches: the result's `size` says so.
    /// - Complexity: O(G (K + log n)).
    public init(cloud: NeighborIndex, centers: [Int32], size: Int = 64, workers: Workers = .all) {
        let size = max(0, min(size, cloud.finiteCount))
        let centers = size > 0 ? centers.filter { cloud.points[Int($0)].isFinite } : []
        var coordinates = [Float](repeating: 0, count: centers.count * size * 3)
        var members = [Int32](repeating: 0, count: centers.count * size)
        members.withUnsafeMutableBufferPointer { members in
            coordinates.withUnsafeMutableBufferPointer { coordinates in
                let members = DisjointWrites(members)
                let coordinates = DisjointWrites(coordinates)
                workers.run(over: centers.count, by: 16) { range in
                    var search = NearestOfOne(cloud.tree, size)
                    for patch in range {
                        let center = centers[patch]
                        let origin = cloud.points[Int(center)]
                        let members = UnsafeMutableBufferPointer(start: members.base + patch * size, count: size)
                        search.find(origin) { rank, position, _ in members[rank] = Int32(truncatingIfNeeded: position) }
                        Self.moveToFront(center, members, cloud.tree)
                        for j in 0..<size {
                            let relative = cloud.tree.point(Int(members[j])) - origin
                            let at = 3 * (patch * size + j)
                            coordinates[at] = relative.x
                            coordinates[at + 1] = relative.y
                            coordinates[at + 2] = relative.z
                            members[j] = cloud.tree.order[Int(members[j])]
                        }
                    }
                }
            }
        }
        self.init(
            size: size, centerIndices: centers, centers: centers.map { cloud.points[Int($0)] },
            memberIndices: members, coordinates: coordinates)
    }

    /// The centre comes first, also where twins of it stand before it on the curve. Members are positions on it.
    private static func moveToFront(
        _ center: Int32, _ members: UnsafeMutableBufferPointer<Int32>, _ tree: SpatialTree
    ) {
        // With more twins than a patch holds, any of them has the same coordinates.
        guard let found = members.firstIndex(where: { tree.order[Int($0)] == center }) else { return }
        let position = members[found]
        for j in stride(from: found, to: 0, by: -1) { members[j] = members[j - 1] }
        members[0] = position
    }
}
