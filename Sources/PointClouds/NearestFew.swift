internal import ParallelLoops

/// Finds the few nearest points of queries that follow a curve, a group at a time. Queries that find fewer than k within
/// the candidates' radius are looked up by themselves, each search bounded by the answer before it.
///
/// For up to about 16: keys are kept in order by insertion.
struct NearestFew: ~Copyable {
    /// How many are found: as many as were asked for, or all points if they are fewer.
    let count: Int
    /// Ascending. Shape [count].
    private let keys: UnsafeMutablePointer<NeighborKey>
    private let stack: UnsafeMutablePointer<PendingChild>
    private var groups: QueryGroups
    private var hasAnswer = false

    /// - Parameter k: at least 1.
    /// - Precondition: there is a point.
    init(_ tree: SpatialTree, _ k: Int) {
        count = min(k, tree.count)
        keys = .allocate(capacity: count)
        stack = .allocate(capacity: SpatialTree.stackCapacity)
        groups = QueryGroups(tree, capacity: 1024)
    }

    deinit {
        keys.deallocate()
        stack.deallocate()
    }

    /// The key of the found point of that rank, nearest first.
    @inline(__always)
    subscript(rank: Int) -> NeighborKey { keys[rank] }

    /// Calls `body` with the number of each query, when its keys are there.
    ///
    /// - Parameter queries: all finite.
    @inline(__always)
    mutating func find(_ queries: UnsafeBufferPointer<SIMD3<Float>>, _ body: (Int, borrowing NearestFew) -> Void) {
        let isGroup = groups.gather(around: queries)
        var farthest: Float = 0
        for (i, query) in queries.enumerated() {
            if !isGroup || !choose(query) { find(query) }
            farthest = max(farthest, keys[count - 1].squaredDistance)
            body(i, self)
        }
        groups.expect(farthest, margin: 1.15)
    }

    /// Takes the keys from the candidates; false if too few lie within the radius.
    @inline(__always)
    private mutating func choose(_ query: SIMD3<Float>) -> Bool {
        guard groups.candidates.count >= count else { return false }
        let bound = groups.candidates.count == groups.tree.count ? .infinity : groups.radius * groups.radius
        guard groups.candidates.choose(count, within: bound, of: query) == count else { return false }
        groups.candidates.rankChosen(count)
        for i in 0..<count {
            let position = Int(groups.candidates.position[Int(groups.candidates.chosen[i])])
            keys[Int(groups.candidates.rank[i])] = neighborKey(groups.candidates.chosenDistance[i], position)
        }
        hasAnswer = true
        return true
    }

    /// Finds the least keys of one query, in ascending order.
    ///
    /// - Parameter q: finite.
    mutating func find(_ q: SIMD3<Float>) {
        let tree = groups.tree
        // The last answer holds as many points: the nearest ones lie no farther than the farthest of them.
        var bound = Float.infinity
        if hasAnswer {
            bound = 0
            for rank in 0..<count { bound = max(bound, squaredDistance(tree.point(keys[rank].position), q)) }
        }
        hasAnswer = true
        var found = 0
        var top = 0
        tree.push(0, q, within: bound, stack, &top)
        while top > 0 {
            top -= 1
            let entry = stack[top]
            if entry.squaredDistance > bound { continue }
            if entry.child >= 0 {
                tree.push(Int(entry.child), q, within: bound, stack, &top)
                continue
            }
            for position in tree.leaf(Int(~entry.child)) {
                let d = squaredDistance(tree.point(position), q)
                if d <= bound { insert(neighborKey(d, position), &found, &bound) }
            }
        }
    }

    @inline(__always)
    private mutating func insert(_ key: NeighborKey, _ found: inout Int, _ bound: inout Float) {
        var hole = found
        if found == count {
            guard key < keys[count - 1] else { return }
            hole = count - 1
        } else {
            found += 1
        }
        while hole > 0 && key < keys[hole - 1] {
            keys[hole] = keys[hole - 1]
            hole -= 1
        }
        keys[hole] = key
        if found == count { bound = keys[count - 1].squaredDistance }
    }
}

extension SpatialTree {
    /// Calls `body` with the number of each query and its k nearest points, on several threads.
    ///
    /// - Parameter queries: along a curve, all finite.
    /// - Precondition: there is a point.
    @inline(__always)
    func forEachNearest(
        _ k: Int, of queries: [SIMD3<Float>], workers: Workers,
        _ body: @Sendable (Int, borrowing NearestFew) -> Void
    ) {
        workers.run(over: queries.count, by: 1024) { range in
            var search = NearestFew(self, k)
            QueryGroups.forEach(in: range, of: queries) { start, group in
                search.find(group) { body(start + $0, $1) }
            }
        }
    }
}
