/// The storage of a `NeighborIndex`: points in Morton order, leaves of at most 16 with tight boxes, and a hierarchy of
/// nodes with four children each.
///
/// Leaves are the cells of the Morton curve's binary trie, halved until they hold 16 points or fewer, and are numbered
/// along the curve. Everything is written once, in `init`, and only read afterwards.
final class SpatialTree: @unchecked Sendable {
    static let leafCapacity = 16
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
        x = .allocate(capacity: count)
        y = .allocate(capacity: count)
        z = .allocate(capacity: count)
        order = .allocate(capacity: count)
        for (position, index) in morton.indices.enumerated() {
            let point = points[Int(index)]
            (x + position).initialize(to: point.x)
            (y + position).initialize(to: point.y)
            (z + position).initialize(to: point.z)
            (order + position).initialize(to: index)
        }
        var builder = TreeBuilder(codes: morton.codes, x: x, y: y, z: z)
        box = builder.buildRoot()
        leafCount = builder.leafBoxes.count
        nodes = Self.copy(builder.nodes)
        leafStarts = Self.copy(builder.leafStarts)
        leafBoxes = Self.copy(builder.leafBoxes)
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
