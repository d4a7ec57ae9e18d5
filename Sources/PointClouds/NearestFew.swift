internal import ParallelLoops

/// Finds the few nearest points of queries that follow a curve, a group at a time: the points around a group are gathered
/// once, within a radius guessed from the group before. Queries that find fewer than k within it are looked up by
/// themselves, each search bounded by the answer before it.
///
/// For up to about 16: keys are kept in order by insertion.
struct NearestFew: ~Copyable {
    /// Queries that are searched for together.
    static let groupSize = 8
    /// A group that reaches over more than so many radii is not one: its queries are far apart.
    private static let greatestExtent: Float = 16
    /// With more candidates than this, groups do not pay: far from the points, the radius reaches over many of them.
    private static let greatestCount = 4096

    private let tree: SpatialTree
    /// How many are found: as many as were asked for, or all points if they are fewer.
    let count: Int
    /// Ascending. Shape [count].
    private let keys: UnsafeMutablePointer<NeighborKey>
    private let stack: UnsafeMutablePointer<PendingChild>
    private var candidates: LeafCandidates
    private var radius: Float = -1
    /// Groups still to be searched one query at a time, after one with too many candidates.
    private var pause = 0
    private var hasAnswer = false

    /// - Parameter k: at least 1.
    /// - Precondition: there is a point.
    init(_ tree: SpatialTree, _ k: Int) {
        self.tree = tree
        count = min(k, tree.count)
        keys = .allocate(capacity: count)
        stack = .allocate(capacity: SpatialTree.stackCapacity)
        candidates = LeafCandidates(capacity: min(tree.count, 1024))
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
        var box = Box.empty
        for query in queries { box.include(query) }
        let isGroup = pause == 0 && radius >= 0 && box.diagonal <= Self.greatestExtent * radius
        pause = max(0, pause - 1)
        if isGroup {
            candidates.gather(tree, squaredRadius: radius * radius, around: box)
            if candidates.count > Self.greatestCount { pause = candidates.count / 64 }
        }
        var farthest: Float = 0
        for (i, query) in queries.enumerated() {
            if !isGroup || !choose(query) { find(query) }
            farthest = max(farthest, keys[count - 1].squaredDistance)
            body(i, self)
        }
        radius = farthest.squareRoot() * 1.15
    }

    /// Takes the keys from the candidates; false if too few lie within the radius.
    @inline(__always)
    private mutating func choose(_ query: SIMD3<Float>) -> Bool {
        guard candidates.count >= count else { return false }
        let bound = candidates.count == tree.count ? .infinity : radius * radius
        guard candidates.choose(count, within: bound, of: query) == count else { return false }
        candidates.rankChosen(count)
        for i in 0..<count {
            let position = Int(candidates.position[Int(candidates.chosen[i])])
            keys[Int(candidates.rank[i])] = neighborKey(candidates.chosenDistance[i], position)
        }
        hasAnswer = true
        return true
    }

    /// Finds the least keys of one query, in ascending order.
    ///
    /// - Parameter q: finite.
    mutating func find(_ q: SIMD3<Float>) {
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
            queries.withUnsafeBufferPointer { queries in
                for start in stride(from: range.lowerBound, to: range.upperBound, by: NearestFew.groupSize) {
                    let group = start..<min(start + NearestFew.groupSize, range.upperBound)
                    search.find(UnsafeBufferPointer(rebasing: queries[group])) { body(start + $0, $1) }
                }
            }
        }
    }
}
