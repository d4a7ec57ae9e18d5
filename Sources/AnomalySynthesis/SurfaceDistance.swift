/// Exact distances from points to the triangles of a mesh: a tree of boxes.
struct SurfaceDistance: Sendable {
    private struct Node {
        var box: Bounds
        /// A leaf: the range of `order`; else the right child (the left one follows).
        var first: Int32
        var count: Int32
        var right: Int32
    }

    private let corners: [(SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)]
    private let nodes: [Node]

    /// - Parameter region: only triangles whose box meets it.
    /// - Complexity: O(T log T).
    init(_ mesh: SurfaceMesh, within region: Bounds? = nil) {
        var chosen: [(SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)] = []
        for index in mesh.triangles.indices {
            let (a, b, c) = mesh.corners(index)
            if let region, !region.meets(Bounds([a, b, c])) { continue }
            chosen.append((a, b, c))
        }
        var nodes: [Node] = []
        func build(_ range: Range<Int>) {
            var box = Bounds(EmptyCollection())
            var centers = Bounds(EmptyCollection())
            for i in range {
                let (a, b, c) = chosen[i]
                box.include(a)
                box.include(b)
                box.include(c)
                centers.include((a + b + c) / 3)
            }
            let at = nodes.count
            nodes.append(Node(box: box, first: Int32(range.lowerBound), count: Int32(range.count), right: -1))
            guard range.count > 4 else { return }
            let size = centers.high - centers.low
            let axis = size.x >= size.y && size.x >= size.z ? 0 : size.y >= size.z ? 1 : 2
            let middle = centers.middle[axis]
            var split = range.lowerBound
            for i in range {
                let (a, b, c) = chosen[i]
                if (a[axis] + b[axis] + c[axis]) / 3 < middle {
                    chosen.swapAt(i, split)
                    split += 1
                }
            }
            if split == range.lowerBound || split == range.upperBound {
                split = (range.lowerBound + range.upperBound) / 2
            }
            nodes[at].count = 0
            build(range.lowerBound..<split)
            nodes[at].right = Int32(nodes.count)
            build(split..<range.upperBound)
        }
        if !chosen.isEmpty { build(0..<chosen.count) }
        corners = chosen
        self.nodes = nodes
    }

    /// Distance to the nearest triangle; infinite without any.
    func distance(to p: SIMD3<Double>) -> Double {
        guard !nodes.isEmpty else { return .infinity }
        var best = Double.infinity
        var stack: [Int32] = [0]
        while let at = stack.popLast() {
            let node = nodes[Int(at)]
            guard Self.squaredDistance(p, node.box) < best else { continue }
            if node.right < 0 {
                for i in Int(node.first)..<Int(node.first + node.count) {
                    let (a, b, c) = corners[i]
                    best = min(best, Self.squaredDistance(p, a, b, c))
                }
            } else {
                let (left, right) = (at + 1, node.right)
                let leftFirst =
                    Self.squaredDistance(p, nodes[Int(left)].box) <= Self.squaredDistance(p, nodes[Int(right)].box)
                stack.append(leftFirst ? right : left)
                stack.append(leftFirst ? left : right)
            }
        }
        return best.squareRoot()
    }

    private static func squaredDistance(_ p: SIMD3<Double>, _ box: Bounds) -> Double {
        let out = pointwiseMax(pointwiseMax(box.low - p, p - box.high), .zero)
        return dot(out, out)
    }

    /// To the closest point of a triangle (Ericson, Real-Time Collision Detection, 5.1.5).
    static func squaredDistance(
        _ p: SIMD3<Double>, _ a: SIMD3<Double>, _ b: SIMD3<Double>, _ c: SIMD3<Double>
    ) -> Double {
        func to(_ q: SIMD3<Double>) -> Double { dot(p - q, p - q) }
        let (ab, ac, ap) = (b - a, c - a, p - a)
        let (d1, d2) = (dot(ab, ap), dot(ac, ap))
        if d1 <= 0, d2 <= 0 { return to(a) }
        let bp = p - b
        let (d3, d4) = (dot(ab, bp), dot(ac, bp))
        if d3 >= 0, d4 <= d3 { return to(b) }
        let vc = d1 * d4 - d3 * d2
        if vc <= 0, d1 >= 0, d3 <= 0 { return to(a + ab * (d1 / (d1 - d3))) }
        let cp = p - c
        let (d5, d6) = (dot(ab, cp), dot(ac, cp))
        if d6 >= 0, d5 <= d6 { return to(c) }
        let vb = d5 * d2 - d1 * d6
        if vb <= 0, d2 >= 0, d6 <= 0 { return to(a + ac * (d2 / (d2 - d6))) }
        let va = d3 * d6 - d5 * d4
        if va <= 0, d4 - d3 >= 0, d5 - d6 >= 0 { return to(b + (c - b) * ((d4 - d3) / ((d4 - d3) + (d5 - d6)))) }
        let scale = 1 / (va + vb + vc)
        return to(a + ab * (vb * scale) + ac * (vc * scale))
    }
}
