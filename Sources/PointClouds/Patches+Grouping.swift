public import ParallelLoops

extension Patches {
    /// The `size` nearest points of each centre, relative to it, nearest first.
    ///
    /// - Parameter centers: indices of centres in the cloud, all finite.
    /// - Precondition: the cloud has at least `size` finite points.
    /// - Complexity: O(G (K + log n)).
    public init(cloud: NeighborIndex, centers: [Int32], size: Int = 64, workers: Workers = .all) {
        precondition(size > 0 && cloud.finiteCount >= size, "a patch of \(size) needs as many finite points")
        var coordinates = [Float](repeating: 0, count: centers.count * size * 3)
        var members = [Int32](repeating: 0, count: centers.count * size)
        members.withUnsafeMutableBufferPointer { members in
            coordinates.withUnsafeMutableBufferPointer { coordinates in
                let members = DisjointWrites(members)
                let coordinates = DisjointWrites(coordinates)
                workers.run(over: centers.count, by: 16) { range in
                    cloud.withKeys(size) { keys, capacity, stack in
                        for patch in range {
                            let center = centers[patch]
                            let origin = cloud.points[Int(center)]
                            let found = cloud.tree.nearest(size, to: origin, keys, capacity: capacity, stack)
                            sortKeys(keys, found)
                            Self.moveToFront(center, keys, found, cloud.tree)
                            for j in 0..<found {
                                let position = keys[j].position
                                let member = patch * size + j
                                members[member] = cloud.tree.order[position]
                                let relative = cloud.tree.point(position) - origin
                                coordinates[3 * member] = relative.x
                                coordinates[3 * member + 1] = relative.y
                                coordinates[3 * member + 2] = relative.z
                            }
                        }
                    }
                }
            }
        }
        self.init(
            size: size, centerIndices: centers, centers: centers.map { cloud.points[Int($0)] },
            memberIndices: members, coordinates: coordinates)
    }

    /// The centre comes first, also where twins of it stand before it on the curve.
    private static func moveToFront(
        _ center: Int32, _ keys: UnsafeMutablePointer<NeighborKey>, _ count: Int, _ tree: SpatialTree
    ) {
        guard tree.order[keys[0].position] != center else { return }
        var found = 0
        while found < count && tree.order[keys[found].position] != center { found += 1 }
        if found == count {
            // More twins than a patch holds: any of them has the same coordinates.
            return
        }
        let key = keys[found]
        for j in stride(from: found, to: 0, by: -1) { keys[j] = keys[j - 1] }
        keys[0] = key
    }
}
