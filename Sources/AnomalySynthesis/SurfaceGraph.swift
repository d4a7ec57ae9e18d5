/// Vertices and edges of a mesh, for distances along the surface.
struct SurfaceGraph: Sendable {
    /// Neighbours of vertex i are `neighbours[starts[i]..<starts[i + 1]]`. Shape [V + 1].
    private let starts: [Int32]
    private let neighbours: [Int32]

    /// - Complexity: O(T).
    init(_ mesh: SurfaceMesh) {
        var counts = [Int32](repeating: 0, count: mesh.vertices.count + 1)
        for t in mesh.triangles { for i in 0..<3 { counts[Int(t[i]) + 1] += 2 } }
        for i in 1..<counts.count { counts[i] += counts[i - 1] }
        starts = counts
        var next = counts
        var list = [Int32](repeating: 0, count: mesh.triangles.count * 6)
        // An edge of two triangles is listed twice: that costs a comparison, and no memory of a set.
        for t in mesh.triangles {
            for i in 0..<3 {
                for other in [t[(i + 1) % 3], t[(i + 2) % 3]] {
                    list[Int(next[Int(t[i])])] = other
                    next[Int(t[i])] += 1
                }
            }
        }
        neighbours = list
    }

    /// Distances along edges (Dijkstra 1959) from the sources to all vertices within `limit`, and on shortest ways
    /// the vertex before.
    ///
    /// Edges do not run everywhere: on an even mesh the way is up to a fifth longer than on the surface itself.
    /// - Parameter cost: factor on the length of an edge, by its far vertex; at least 1.
    /// - Complexity: O(m log m) for m vertices within the limit.
    func distances(
        from sources: [Int32], over vertices: [SIMD3<Double>], limit: Double, cost: (Int32) -> Double = { _ in 1 }
    ) -> (reached: [Int32], distance: [Int32: Double], before: [Int32: Int32]) {
        var distance: [Int32: Double] = [:]
        var before: [Int32: Int32] = [:]
        var reached: [Int32] = []
        var done = Set<Int32>()
        var heap = MinHeap()
        for source in sources where distance[source] == nil {
            distance[source] = 0
            heap.push(0, source)
        }
        while let (d, vertex) = heap.pop() {
            guard done.insert(vertex).inserted else { continue }
            reached.append(vertex)
            for i in Int(starts[Int(vertex)])..<Int(starts[Int(vertex) + 1]) {
                let other = neighbours[i]
                let step = length(vertices[Int(other)] - vertices[Int(vertex)]) * cost(other)
                let far = d + step
                if far <= limit, far < distance[other] ?? .infinity {
                    distance[other] = far
                    before[other] = vertex
                    heap.push(far, other)
                }
            }
        }
        return (reached, distance, before)
    }
}

/// A binary heap of distances; ties by the lesser vertex, so that the order is the same everywhere.
struct MinHeap {
    private var items: [(Double, Int32)] = []

    private static func less(_ a: (Double, Int32), _ b: (Double, Int32)) -> Bool {
        a.0 != b.0 ? a.0 < b.0 : a.1 < b.1
    }

    mutating func push(_ key: Double, _ value: Int32) {
        items.append((key, value))
        var i = items.count - 1
        while i > 0, Self.less(items[i], items[(i - 1) / 2]) {
            items.swapAt(i, (i - 1) / 2)
            i = (i - 1) / 2
        }
    }

    mutating func pop() -> (Double, Int32)? {
        guard let first = items.first else { return nil }
        let last = items.removeLast()
        if !items.isEmpty {
            items[0] = last
            var i = 0
            while true {
                var least = i
                for child in [2 * i + 1, 2 * i + 2] where child < items.count && Self.less(items[child], items[least]) {
                    least = child
                }
                guard least != i else { break }
                items.swapAt(i, least)
                i = least
            }
        }
        return first
    }
}
