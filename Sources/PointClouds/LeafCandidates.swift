internal import CKernels

/// The points around one leaf, gathered once for all of its queries, and the working memory to pick neighbours from them.
///
/// Candidates lie in curve order, so that of two at the same distance the one that stands first comes first.
struct LeafCandidates: ~Copyable {
    private(set) var count = 0
    private var capacity = 0
    private(set) var x: UnsafeMutablePointer<Float>
    private(set) var y: UnsafeMutablePointer<Float>
    private(set) var z: UnsafeMutablePointer<Float>
    private(set) var position: UnsafeMutablePointer<Int32>
    /// Those chosen for one query: squared distances, places among the candidates, and ranks by distance.
    private(set) var chosenDistance: UnsafeMutablePointer<Float>
    private(set) var chosen: UnsafeMutablePointer<Int32>
    private(set) var rank: UnsafeMutablePointer<Int32>

    /// No less than the greatest of the chosen distances, and about as great.
    private(set) var reach: Float = 0

    init(capacity: Int) {
        self.capacity = capacity
        // Kernels copy and compare by whole vectors.
        let room = capacity + 64
        x = .allocate(capacity: room)
        y = .allocate(capacity: room)
        z = .allocate(capacity: room)
        position = .allocate(capacity: room)
        chosenDistance = .allocate(capacity: room)
        chosen = .allocate(capacity: room)
        rank = .allocate(capacity: room)
    }

    deinit {
        x.deallocate()
        y.deallocate()
        z.deallocate()
        position.deallocate()
        chosenDistance.deallocate()
        chosen.deallocate()
        rank.deallocate()
    }

    /// Collects the points of every leaf within the radius of `box`.
    mutating func gather(_ tree: SpatialTree, squaredRadius: Float, around box: Box) {
        // A cloud of one point many times: all of it is here already.
        if squaredRadius == 0, count == tree.count, count > 0 { return }
        while true {
            var target = geometry_candidates(x: x, y: y, z: z, position: position, capacity: Int64(capacity))
            let found = withUnsafePointer(to: tree.view) { tree in
                box.withBounds { low, high in Int(geometry_gather(tree, low, high, squaredRadius, &target)) }
            }
            if found <= capacity {
                count = found
                return
            }
            self = LeafCandidates(capacity: min(tree.count, max(found, 2 * capacity)))
        }
    }

    /// Chooses the candidates within the bound, then the k nearest of them, in curve order; returns how many there are:
    /// all of those within the bound if they are fewer.
    mutating func choose(_ k: Int, within bound: Float, of q: SIMD3<Float>) -> Int {
        if bound == 0 { return chooseEqual(k, to: q) }
        // All points are candidates: where k of them lie at q itself, the search is over.
        if bound == .infinity, chooseEqual(k, to: q) == k { return k }
        let found = geometry_choose(x, y, z, Int32(count), q.x, q.y, q.z, bound, chosenDistance, chosen)
        reach = geometry_keep_least(chosenDistance, chosen, found, Int32(k), bound)
        return min(Int(found), k)
    }

    /// The nearest candidate, of equal ones the first; position -1 without any.
    func least(to q: SIMD3<Float>) -> (squaredDistance: Float, position: Int) {
        var place: Int32 = -1
        let least = geometry_least(x, y, z, Int32(truncatingIfNeeded: count), q.x, q.y, q.z, &place)
        return (least, place < 0 ? -1 : Int(position[Int(place)]))
    }

    /// The first k at q itself: nothing can come before them.
    private mutating func chooseEqual(_ k: Int, to q: SIMD3<Float>) -> Int {
        var found = 0
        reach = 0
        for i in 0..<count where squaredDistance(SIMD3(x[i], y[i], z[i]), q) == 0 {
            chosenDistance[found] = 0
            chosen[found] = Int32(truncatingIfNeeded: i)
            found += 1
            if found == k { break }
        }
        return found
    }

    /// Writes to `rank` where each of the first `m` chosen stands in ascending order, equal ones as they lie.
    ///
    /// Every pair is compared: for a few dozen this is faster than a sort, which would mispredict a branch for each.
    mutating func rankChosen(_ m: Int) {
        if m > 1024 { return rankBySorting(m) }
        geometry_rank(chosenDistance, Int32(m), rank)
    }

    private func rankBySorting(_ m: Int) {
        var keys = (0..<m).map { neighborKey(chosenDistance[$0], $0) }
        keys.sort()
        for (place, key) in keys.enumerated() { rank[key.position] = Int32(truncatingIfNeeded: place) }
    }
}
