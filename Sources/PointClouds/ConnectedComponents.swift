/// Groups of points that hang together: two points no farther apart than a radius are in one component.
public enum ConnectedComponents {
    /// Labels the points of a subset.
    ///
    /// - Parameter mask: which points take part; the others (and those that are not finite) get -1. Shape [N].
    /// - Returns: the component of each point, numbered by the least index among their members, and how many there are.
    /// - Complexity: near O(n): leaves that already hang together are not compared point by point.
    public static func labels(
        _ points: [SIMD3<Float>], mask: [Bool], radius: Float
    ) -> (labels: [Int32], count: Int) {
        precondition(mask.count == points.count)
        let members = points.indices.filter { mask[$0] }
        let (labels, count) = labels(members.map { points[$0] }, radius: radius)
        var all = [Int32](repeating: -1, count: points.count)
        for (member, label) in zip(members, labels) { all[member] = label }
        return (all, count)
    }

    /// Labels all points.
    public static func labels(_ points: [SIMD3<Float>], radius: Float) -> (labels: [Int32], count: Int) {
        let tree = NeighborIndex(points, workers: .one).tree
        var sets = UnionFind(count: tree.count)
        let squaredRadius = radius * radius
        if radius >= 0 {
            tree.withStack { stack in
                for leaf in 0..<tree.leafCount { join(leaf, of: tree, squaredRadius, &sets, stack) }
            }
        }
        // Positions on the curve -> labels by least index.
        var labels = [Int32](repeating: -1, count: points.count)
        var roots = labels
        for position in 0..<tree.count { roots[Int(tree.order[position])] = Int32(sets.root(position)) }
        var numbers = [Int32](repeating: -1, count: tree.count)
        var count: Int32 = 0
        for i in points.indices where roots[i] >= 0 {
            let root = Int(roots[i])
            if numbers[root] < 0 {
                numbers[root] = count
                count += 1
            }
            labels[i] = numbers[root]
        }
        return (labels, Int(count))
    }

    /// Unites the points of a leaf with each other and with those of leaves after it.
    private static func join(
        _ leaf: Int, of tree: SpatialTree, _ squaredRadius: Float, _ sets: inout UnionFind,
        _ stack: UnsafeMutablePointer<PendingChild>
    ) {
        let own = tree.leaf(leaf)
        for i in own {
            for j in own where j > i && squaredDistance(tree.point(i), tree.point(j)) <= squaredRadius {
                sets.unite(i, j)
            }
        }
        tree.forEachLeaf(squaredRadius: squaredRadius, around: tree.leafBoxes[leaf], stack) { other in
            guard other > leaf, !isOne(own, tree.leaf(other), &sets) else { return }
            for i in own {
                for j in tree.leaf(other)
                where squaredDistance(tree.point(i), tree.point(j)) <= squaredRadius {
                    sets.unite(i, j)
                }
            }
        }
    }

    /// All points of both are in one component already.
    private static func isOne(_ a: Range<Int>, _ b: Range<Int>, _ sets: inout UnionFind) -> Bool {
        let root = sets.root(a.lowerBound)
        for i in a where sets.root(i) != root { return false }
        for i in b where sets.root(i) != root { return false }
        return true
    }
}
