/// Disjoint sets over 0..<n, by halving of paths; the root of a set is its least member.
struct UnionFind {
    private var parents: [Int32]

    init(count: Int) { parents = (0..<Int32(count)).map { $0 } }

    mutating func root(_ member: Int) -> Int {
        parents.withUnsafeMutableBufferPointer { parents in
            var i = member
            while Int(parents[i]) != i {
                parents[i] = parents[Int(parents[i])]
                i = Int(parents[i])
            }
            return i
        }
    }

    mutating func unite(_ a: Int, _ b: Int) {
        let (p, q) = (root(a), root(b))
        if p < q { parents[q] = Int32(p) } else if q < p { parents[p] = Int32(q) }
    }
}
