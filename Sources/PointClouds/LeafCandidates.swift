internal import CKernels

/// The points around one leaf, gathered once for all of its queries, and the working memory to pick neighbours from them.
///
/// Candidates lie in curve order, so that of two at the same distance the one that stands first comes first.
struct LeafCandidates: ~Copyable {
    private(set) var count = 0
    private var capacity = 0
    private var x: UnsafeMutablePointer<Float>
    private var y: UnsafeMutablePointer<Float>
    private var z: UnsafeMutablePointer<Float>
    private var position: UnsafeMutablePointer<Int32>
    /// The candidates of one query within its bound: squared distances, positions, and places in the order.
    private(set) var chosenDistance: UnsafeMutablePointer<Float>
    private(set) var chosenPosition: UnsafeMutablePointer<Int32>
    private(set) var place: UnsafeMutablePointer<Int32>

    init(capacity: Int) {
        self.capacity = capacity
        x = .allocate(capacity: capacity)
        y = .allocate(capacity: capacity)
        z = .allocate(capacity: capacity)
        position = .allocate(capacity: capacity)
        chosenDistance = .allocate(capacity: capacity + 8)
        chosenPosition = .allocate(capacity: capacity + 8)
        place = .allocate(capacity: capacity + 8)
    }

    deinit {
        x.deallocate()
        y.deallocate()
        z.deallocate()
        position.deallocate()
        chosenDistance.deallocate()
        chosenPosition.deallocate()
        place.deallocate()
    }

    /// Collects the points of every leaf within the radius of `box`.
    mutating func gather(
        _ tree: SpatialTree, squaredRadius: Float, around box: Box, _ stack: UnsafeMutablePointer<PendingChild>
    ) {
        count = 0
        var needed = 0
        tree.forEachLeaf(squaredRadius: squaredRadius, around: box, stack) { leaf in
            let range = tree.leaf(leaf)
            needed += range.count
            guard needed <= capacity else { return }
            for i in range {
                x[count] = tree.x[i]
                y[count] = tree.y[i]
                z[count] = tree.z[i]
                position[count] = Int32(truncatingIfNeeded: i)
                count += 1
            }
        }
        if needed > capacity {
            self = LeafCandidates(capacity: min(tree.count, max(needed, 2 * capacity)))
            gather(tree, squaredRadius: squaredRadius, around: box, stack)
        }
    }

    /// Writes the candidates within the bound to `chosenDistance` and `chosenPosition`; returns how many.
    ///
    /// With a bound of 0, stops at `enough`: nothing can come before the first ones.
    mutating func choose(within bound: Float, of q: SIMD3<Float>, enough: Int) -> Int {
        if bound > 0 {
            return Int(
                geometry_choose(
                    x, y, z, position, Int32(count), q.x, q.y, q.z, bound, chosenDistance, chosenPosition))
        }
        var chosen = 0
        for i in 0..<count where squaredDistance(SIMD3(x[i], y[i], z[i]), q) == 0 {
            chosenDistance[chosen] = 0
            chosenPosition[chosen] = position[i]
            chosen += 1
            if chosen == enough { break }
        }
        return chosen
    }

    /// Writes to `place` where each of the first `m` chosen stands in ascending order, equal ones as they lie.
    ///
    /// Every pair is compared: for the few dozen that are left this is faster than a sort, which would mispredict a
    /// branch for each.
    mutating func rank(_ m: Int) {
        if m > 1024 { return rankBySorting(m) }
        geometry_rank(chosenDistance, Int32(m), place)
    }

    private func rankBySorting(_ m: Int) {
        var keys = (0..<m).map { neighborKey(chosenDistance[$0], $0) }
        keys.sort()
        for (rank, key) in keys.enumerated() { place[key.position] = Int32(truncatingIfNeeded: rank) }
    }
}
