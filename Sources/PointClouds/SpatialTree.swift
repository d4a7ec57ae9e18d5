internal import CKernels

/// The storage of a `NeighborIndex`: points in Morton order, leaves of at most 16 with tight boxes, and a hierarchy of
/// nodes with four children each.
///
/// Leaves are the cells of the Morton curve's binary trie, halved until they hold 16 points or fewer, and are numbered
/// along the curve. Everything is written once, in `init`, and only read afterwards.
final class SpatialTree: @unchecked Sendable {
    static let leafCapacity = 16
    private static let padding = 16
    /// Deep enough: 63 bits and 27 halvings of equal codes make 45 levels of four, each leaving three on the stack.
    static let stackCapacity = 256

    /// Four children, their boxes side by side so that one vector operation tests all of them.
    struct Node {
        var lowX = SIMD4<Float>(repeating: .infinity)
        var lowY = SIMD4<Float>(repeating: .infinity)
        var lowZ = SIMD4<Float>(repeating: .infinity)
        var highX = SIMD4<Float>(repeating: -.infinity)
        var highY = SIMD4<Float>(repeating: -.infinity)
        var highZ = SIMD4<Float>(repeating: -.infinity)
        /// A node's number, or the complement of a leaf's.
        var children: SIMD4<Int32>

        mutating func set(_ slot: Int, _ box: Box, _ child: Int32) {
            (lowX[slot], lowY[slot], lowZ[slot]) = (box.low.x, box.low.y, box.low.z)
            (highX[slot], highY[slot], highZ[slot]) = (box.high.x, box.high.y, box.high.z)
            children[slot] = child
        }

        /// Squared distances from a point to the four boxes.
        @inline(__always)
        func squaredDistances(_ x: Float, _ y: Float, _ z: Float) -> SIMD4<Float> {
            let dx = gap(lowX - x, x - highX)
            let dy = gap(lowY - y, y - highY)
            let dz = gap(lowZ - z, z - highZ)
            return dx * dx + dy * dy + dz * dz
        }

        /// Squared distances from a box to the four boxes.
        @inline(__always)
        func squaredDistances(_ box: Box) -> SIMD4<Float> {
            let dx = gap(lowX - box.high.x, box.low.x - highX)
            let dy = gap(lowY - box.high.y, box.low.y - highY)
            let dz = gap(lowZ - box.high.z, box.low.z - highZ)
            return dx * dx + dy * dy + dz * dz
        }

        @inline(__always)
        private func gap(_ below: SIMD4<Float>, _ above: SIMD4<Float>) -> SIMD4<Float> {
            let greater = below.replacing(with: above, where: above .> below)
            return greater.replacing(with: 0, where: greater .< 0)
        }
    }

    /// Number of indexed points: the finite ones.
    let count: Int
    /// Coordinates in curve order. Shape [count].
    let x: UnsafeMutablePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let z: UnsafeMutablePointer<Float>
    /// Position on the curve -> index of the caller's point. Shape [count].
    let order: UnsafeMutablePointer<Int32>
    /// Node 0 is the root.
    let nodes: UnsafeMutablePointer<Node>
    let leafCount: Int
    /// Leaf l holds the positions `leafStarts[l]..<leafStarts[l + 1]`; one empty leaf follows the last.
    let leafStarts: UnsafeMutablePointer<Int32>
    let leafBoxes: UnsafeMutablePointer<Box>
    let box: Box

    init(_ points: [SIMD3<Float>], _ morton: MortonOrder) {
        count = morton.indices.count
        // Kernels load whole vectors: those that reach beyond the last point read zeros.
        x = .allocate(capacity: count + Self.padding)
        y = .allocate(capacity: count + Self.padding)
        z = .allocate(capacity: count + Self.padding)
        for column in [x, y, z] { (column + count).initialize(repeating: 0, count: Self.padding) }
        order = .allocate(capacity: count)
        let (count, x, y, z, order) = (count, x, y, z, order)
        morton.indices.withUnsafeBufferPointer { indices in
            points.withUnsafeBufferPointer { points in
                for position in 0..<count {
                    let point = points[Int(indices[position])]
                    (x + position).initialize(to: point.x)
                    (y + position).initialize(to: point.y)
                    (z + position).initialize(to: point.z)
                    (order + position).initialize(to: indices[position])
                }
            }
        }
        (box, nodes, leafStarts, leafBoxes, leafCount) = morton.codes.withUnsafeBufferPointer { codes in
            var builder = TreeBuilder(codes: codes, x: x, y: y, z: z)
            let box = builder.buildRoot()
            return (
                box, Self.copy(builder.nodes), Self.copy(builder.leafStarts), Self.copy(builder.leafBoxes),
                builder.leafBoxes.count
            )
        }
    }

    deinit {
        x.deallocate()
        y.deallocate()
        z.deallocate()
        order.deallocate()
        nodes.deallocate()
        leafStarts.deallocate()
        leafBoxes.deallocate()
    }

    /// The tree as the kernels in C see it; `Node` lies in memory as their node does.
    var view: geometry_tree {
        geometry_tree(
            nodes: UnsafeRawPointer(nodes).assumingMemoryBound(to: geometry_node.self), leaf_starts: leafStarts, x: x,
            y: y, z: z)
    }

    @inline(__always)
    func point(_ position: Int) -> SIMD3<Float> { SIMD3(x[position], y[position], z[position]) }

    @inline(__always)
    func leaf(_ number: Int) -> Range<Int> { Int(leafStarts[number])..<Int(leafStarts[number + 1]) }

    private static func copy<T>(_ array: [T]) -> UnsafeMutablePointer<T> {
        let pointer = UnsafeMutablePointer<T>.allocate(capacity: array.count)
        array.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.initialize(from: base, count: source.count) }
        }
        return pointer
    }
}
