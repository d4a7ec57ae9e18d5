/// The occupied cells of a grid with the sums of their points, found by hashing.
struct VoxelTable: ~Copyable {
    private struct Cell {
        var key: UInt64
        /// x, y, z; exact, so that the order of addition does not matter.
        var sum: SIMD4<Int64>
        var count: Int32
    }

    private static let free = UInt64.max
    /// Points located at a time: their cells and offsets stay in the first-level cache.
    private static let block = 1024

    /// The first `count` of `capacity` are in use.
    private var cells: UnsafeMutablePointer<Cell>
    private var count = 0
    private var capacity: Int
    /// Keys by hash, linear probing, at most half full; and which cell each is.
    private var keys: UnsafeMutablePointer<UInt64>
    private var numbers: UnsafeMutablePointer<Int32>
    private var bits: Int

    init(expecting count: Int) {
        bits = 8
        while 1 << bits < 2 * count { bits += 1 }
        (keys, numbers) = Self.allocate(bits)
        capacity = 1 << (bits - 1)
        cells = .allocate(capacity: capacity)
    }

    deinit {
        keys.deallocate()
        numbers.deallocate()
        cells.deallocate()
    }

    private static func allocate(_ bits: Int) -> (UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<Int32>) {
        let keys = UnsafeMutablePointer<UInt64>.allocate(capacity: 1 << bits)
        keys.initialize(repeating: free, count: 1 << bits)
        return (keys, .allocate(capacity: 1 << bits))
    }

    /// The slot of a key: where it is, or the free one where it belongs.
    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        // Fibonacci hashing (Knuth 6.4): the upper bits of the product depend on all of the key.
        var slot = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> UInt64(64 - bits))
        while keys[slot] != key && keys[slot] != Self.free { slot = (slot + 1) & (1 << bits - 1) }
        return slot
    }

    private mutating func grow() {
        keys.deallocate()
        numbers.deallocate()
        bits += 2
        (keys, numbers) = Self.allocate(bits)
        capacity = 1 << (bits - 1)
        let larger = UnsafeMutablePointer<Cell>.allocate(capacity: capacity)
        larger.moveInitialize(from: cells, count: count)
        cells.deallocate()
        cells = larger
        for number in 0..<count {
            let slot = slot(of: cells[number].key)
            keys[slot] = cells[number].key
            numbers[slot] = Int32(truncatingIfNeeded: number)
        }
    }

    /// Adds every finite point.
    mutating func fill(_ points: [SIMD3<Float>], _ grid: VoxelGrid) {
        Self.forEachBlock(points, grid) { range, keys, offsets in
            for i in 0..<range.count { add(keys[i], offsets[i]) }
        }
    }

    @inline(__always)
    private mutating func add(_ key: UInt64, _ offset: SIMD4<Int32>) {
        let slot = slot(of: key)
        if keys[slot] == key {
            let number = Int(numbers[slot])
            cells[number].sum &+= SIMD4<Int64>(truncatingIfNeeded: offset)
            cells[number].count &+= 1
        } else {
            keys[slot] = key
            numbers[slot] = Int32(truncatingIfNeeded: count)
            (cells + count).initialize(to: Cell(key: key, sum: SIMD4<Int64>(truncatingIfNeeded: offset), count: 1))
            count += 1
            if count == capacity { grow() }
        }
    }

    /// Means and counts in the order of the keys.
    func means(_ grid: VoxelGrid) -> ([SIMD3<Float>], [Int32]) {
        let order = order
        return (
            order.map { grid.mean(cells[$0].key, cells[$0].sum, cells[$0].count) }, order.map { cells[$0].count }
        )
    }

    /// The point nearest to the mean of each cell, in the order of the keys.
    func nearestToMeans(_ points: [SIMD3<Float>], _ grid: VoxelGrid) -> [Int32] {
        let means = (0..<count).map { grid.mean(cells[$0].key, cells[$0].sum, cells[$0].count) }
        var best = [Int32](repeating: -1, count: count)
        var least = [Float](repeating: .infinity, count: count)
        Self.forEachBlock(points, grid) { range, keys, _ in
            for (i, index) in range.enumerated() {
                let number = Int(numbers[slot(of: keys[i])])
                let d = squaredDistance(points[index], means[number])
                if d < least[number] || best[number] < 0
                    || (d == least[number] && points[index].precedes(points[Int(best[number])]))
                {
                    (best[number], least[number]) = (Int32(truncatingIfNeeded: index), d)
                }
            }
        }
        return order.map { best[$0] }
    }

    /// Numbers of the cells by key.
    private var order: [Int] { RadixSort.order(of: (0..<count).map { cells[$0].key }) }

    /// Calls `body` for blocks of points with their cells and offsets; `range` are their indices. Points that are not
    /// finite are in none.
    @inline(__always)
    private static func forEachBlock(
        _ points: [SIMD3<Float>], _ grid: VoxelGrid,
        _ body: (Range<Int>, UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<SIMD4<Int32>>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: block) { keys in
            withUnsafeTemporaryAllocation(of: SIMD4<Int32>.self, capacity: block) { offsets in
                points.withUnsafeBufferPointer { points in
                    var start = 0
                    while start < points.count {
                        var end = min(points.count, start + block)
                        if !grid.isComplete {
                            while start < end && !points[start].isFinite { start += 1 }
                            end = points[start..<end].firstIndex { !$0.isFinite } ?? end
                        }
                        if start < end {
                            offsets.baseAddress!.withMemoryRebound(to: Int32.self, capacity: 4 * block) {
                                grid.locate(
                                    UnsafeBufferPointer(rebasing: points[start..<end]), keys.baseAddress!, $0)
                            }
                            body(start..<end, keys.baseAddress!, offsets.baseAddress!)
                        }
                        start = end
                    }
                }
            }
        }
    }
}
