internal import ParallelLoops

/// Gives the normals of a closed or open surface one consistent side: outward.
///
/// Hoppe et al., "Surface reconstruction from unorganized points", SIGGRAPH 1992, section 3.3: the sign is carried along
/// a minimum spanning tree of the neighbourhood graph whose edges cost 1 - |n_i . n_j|. Which side of a connected piece is
/// outward is put to the vote: in each of 26 directions its outermost point should have a normal that points there.
/// One point would not do: at a rim its normal may be anything.
public enum NormalOrientation {
    /// - Parameters:
    ///   - normals: unit normals of either sign. Shape [N].
    ///   - neighbors: the k nearest of every point, itself first.
    /// - Complexity: O(N k log(N k)).
    public static func outward(
        _ normals: [SIMD3<Float>], points: [SIMD3<Float>], neighbors: NeighborTable
    ) -> [SIMD3<Float>] {
        precondition(normals.count == points.count && neighbors.count == points.count)
        // Along the curve, ties too: the same tree for any order of the points.
        let curve = CurvePlaces(points)
        var oriented = normals
        var reached = [Bool](repeating: false, count: points.count)
        var frontier = EdgeHeap()
        for seed in curve.order.lazy.map({ Int($0) }) where !reached[seed] {
            var piece = [seed]
            reached[seed] = true
            extend(&frontier, from: seed, oriented, neighbors, reached, curve)
            while let edge = frontier.popCheapest() {
                let to = Int(curve.order[Int(edge.to)])
                if reached[to] { continue }
                let from = Int(curve.order[Int(edge.from)])
                if (oriented[from] * oriented[to]).sum() < 0 { oriented[to] = -oriented[to] }
                reached[to] = true
                piece.append(to)
                extend(&frontier, from: to, oriented, neighbors, reached, curve)
            }
            if outwardVotes(piece, points, oriented) < 0 { for i in piece { oriented[i] = -oriented[i] } }
        }
        return oriented
    }

    /// Sum over directions of the cosine between the direction and the normal of the outermost point.
    private static func outwardVotes(_ piece: [Int], _ points: [SIMD3<Float>], _ normals: [SIMD3<Float>]) -> Float {
        var votes: Float = 0
        for code in 0..<27 where code != 13 {
            var direction = SIMD3(Float(code % 3 - 1), Float(code / 3 % 3 - 1), Float(code / 9 - 1))
            direction /= (direction * direction).sum().squareRoot()
            var outermost = piece[0], reach = -Float.infinity
            for i in piece {
                let along = (points[i] * direction).sum()
                if along > reach { (outermost, reach) = (i, along) }
            }
            votes += (normals[outermost] * direction).sum()
        }
        return votes
    }

    private static func extend(
        _ frontier: inout EdgeHeap, from index: Int, _ normals: [SIMD3<Float>], _ neighbors: NeighborTable,
        _ reached: [Bool], _ curve: CurvePlaces
    ) {
        for slot in index * neighbors.size..<(index + 1) * neighbors.size {
            let other = Int(neighbors.indices[slot])
            if reached[other] { continue }
            frontier.push(
                Edge(
                    cost: 1 - abs((normals[index] * normals[other]).sum()), from: curve.place[index],
                    to: curve.place[other]))
        }
    }
}

/// Where the points stand along the curve; those that are not finite come last.
private struct CurvePlaces {
    /// Place -> index.
    let order: [Int32]
    /// Index -> place.
    let place: [Int32]

    init(_ points: [SIMD3<Float>]) {
        let finite = MortonOrder(points, workers: .one).indices
        order = finite + points.indices.filter { !points[$0].isFinite }.map { Int32($0) }
        var place = [Int32](repeating: 0, count: points.count)
        for (at, index) in order.enumerated() { place[Int(index)] = Int32(at) }
        self.place = place
    }
}

private struct Edge {
    var cost: Float
    /// Places along the curve.
    var from: Int32
    var to: Int32

    func isCheaper(than other: Edge) -> Bool { (cost, to, from) < (other.cost, other.to, other.from) }
}

/// Binary min-heap of edges; ties go to the earlier places, so that the tree does not depend on chance.
private struct EdgeHeap {
    private var edges: [Edge] = []

    mutating func push(_ edge: Edge) {
        edges.append(edge)
        var child = edges.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard edges[child].isCheaper(than: edges[parent]) else { return }
            edges.swapAt(child, parent)
            child = parent
        }
    }

    mutating func popCheapest() -> Edge? {
        guard let first = edges.first else { return nil }
        let last = edges.removeLast()
        if edges.isEmpty { return first }
        edges[0] = last
        var parent = 0
        while true {
            var best = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < edges.count {
                if edges[child].isCheaper(than: edges[best]) { best = child }
            }
            if best == parent { return first }
            edges.swapAt(parent, best)
            parent = best
        }
    }
}
