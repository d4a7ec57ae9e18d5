internal import CKernels

/// Builds the nodes and leaves of a `SpatialTree` from points in curve order, top down.
struct TreeBuilder {
    private let codes: UnsafeBufferPointer<UInt64>
    private let x: UnsafeMutablePointer<Float>
    private let y: UnsafeMutablePointer<Float>
    private let z: UnsafeMutablePointer<Float>

    private(set) var nodes: [SpatialTree.Node] = []
    private(set) var leafStarts: [Int32] = []
    private(set) var leafBoxes: [Box] = []

    /// - Parameter codes: ascending; outlives the builder.
    init(
        codes: UnsafeBufferPointer<UInt64>, x: UnsafeMutablePointer<Float>, y: UnsafeMutablePointer<Float>,
        z: UnsafeMutablePointer<Float>
    ) {
        self.codes = codes
        self.x = x
        self.y = y
        self.z = z
        // Leaves are seldom less than half full.
        leafStarts.reserveCapacity(codes.count / 8 + 2)
        leafBoxes.reserveCapacity(codes.count / 8 + 2)
        nodes.reserveCapacity(codes.count / 16 + 2)
    }

    /// Returns the box of all points. The root is node 0, whatever the number of points.
    mutating func buildRoot() -> Box {
        let box = codes.count > SpatialTree.leafCapacity ? build(0..<codes.count).box : buildSmallRoot()
        // The empty leaf that unused slots refer to.
        leafStarts.append(Int32(codes.count))
        leafStarts.append(Int32(codes.count))
        let empty = ~Int32(leafBoxes.count)
        for node in nodes.indices {
            for slot in 0..<4 where nodes[node].children[slot] == Int32.min { nodes[node].children[slot] = empty }
        }
        return box
    }

    private mutating func buildSmallRoot() -> Box {
        nodes.append(SpatialTree.Node(children: SIMD4(repeating: .min)))
        guard !codes.isEmpty else { return .empty }
        let (child, box) = build(0..<codes.count)
        nodes[0].set(0, box, child)
        return box
    }

    private mutating func build(_ range: Range<Int>) -> (child: Int32, box: Box) {
        if range.count <= SpatialTree.leafCapacity {
            let box = box(of: range)
            leafStarts.append(Int32(truncatingIfNeeded: range.lowerBound))
            leafBoxes.append(box)
            return (~Int32(truncatingIfNeeded: leafBoxes.count - 1), box)
        }
        let number = nodes.count
        var node = SpatialTree.Node(children: SIMD4(repeating: .min))
        nodes.append(node)
        var box = Box.empty
        var slot = 0
        let middle = split(range)
        addHalf(range.lowerBound..<middle, to: &node, &box, &slot)
        addHalf(middle..<range.upperBound, to: &node, &box, &slot)
        nodes[number] = node
        return (Int32(truncatingIfNeeded: number), box)
    }

    /// Builds a half as one child, or as two where it does not fit a leaf.
    private mutating func addHalf(
        _ range: Range<Int>, to node: inout SpatialTree.Node, _ box: inout Box, _ slot: inout Int
    ) {
        guard range.count > SpatialTree.leafCapacity else { return add(range, to: &node, &box, &slot) }
        let middle = split(range)
        add(range.lowerBound..<middle, to: &node, &box, &slot)
        add(middle..<range.upperBound, to: &node, &box, &slot)
    }

    @inline(__always)
    private mutating func add(
        _ range: Range<Int>, to node: inout SpatialTree.Node, _ box: inout Box, _ slot: inout Int
    ) {
        let (child, childBox) = build(range)
        node.set(slot, childBox, child)
        box.include(childBox)
        slot += 1
    }

    private func box(of range: Range<Int>) -> Box {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 6) { bounds in
            let low = bounds.baseAddress!
            geometry_box(x, y, z, Int64(range.lowerBound), Int64(range.upperBound), low, low + 3)
            return Box(low: SIMD3(low[0], low[1], low[2]), high: SIMD3(low[3], low[4], low[5]))
        }
    }

    /// The first position at which the highest bit that differs is set; the middle if all codes are equal.
    private func split(_ range: Range<Int>) -> Int {
        let difference = codes[range.lowerBound] ^ codes[range.upperBound - 1]
        guard difference != 0 else { return range.lowerBound + range.count / 2 }
        let bit: UInt64 = 1 << UInt64(63 - difference.leadingZeroBitCount)
        var low = range.lowerBound
        var high = range.upperBound - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if codes[middle] & bit == 0 { low = middle } else { high = middle }
        }
        return high
    }
}
