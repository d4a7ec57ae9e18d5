/// Builds the nodes and leaves of a `SpatialTree` from points in curve order, top down.
struct TreeBuilder {
    let codes: [UInt64]
    let x: UnsafeMutablePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let z: UnsafeMutablePointer<Float>

    private(set) var nodes: [SpatialTree.Node] = []
    private(set) var leafStarts: [Int32] = []
    private(set) var leafBoxes: [Box] = []

    init(
        codes: [UInt64], x: UnsafeMutablePointer<Float>, y: UnsafeMutablePointer<Float>, z: UnsafeMutablePointer<Float>
    ) {
        self.codes = codes
        self.x = x
        self.y = y
        self.z = z
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
            var box = Box.empty
            for i in range { box.include(SIMD3(x[i], y[i], z[i])) }
            leafStarts.append(Int32(range.lowerBound))
            leafBoxes.append(box)
            return (~Int32(leafBoxes.count - 1), box)
        }
        let node = nodes.count
        nodes.append(SpatialTree.Node(children: SIMD4(repeating: .min)))
        let middle = split(range)
        let left = quarter(range.lowerBound..<middle)
        let right = quarter(middle..<range.upperBound)
        var box = Box.empty
        var slot = 0
        for part in [left.0, left.1, right.0, right.1] where !part.isEmpty {
            let (child, childBox) = build(part)
            nodes[node].set(slot, childBox, child)
            box.include(childBox)
            slot += 1
        }
        return (Int32(node), box)
    }

    private func quarter(_ range: Range<Int>) -> (Range<Int>, Range<Int>) {
        guard range.count > SpatialTree.leafCapacity else { return (range, range.upperBound..<range.upperBound) }
        let middle = split(range)
        return (range.lowerBound..<middle, middle..<range.upperBound)
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
