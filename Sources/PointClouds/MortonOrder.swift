internal import CKernels
internal import ParallelLoops

/// Points along a Morton (Z-order) curve: neighbours in space become neighbours in memory.
///
/// 21 bits an axis over the cube around the finite points; points of one cell are ordered by x, y, z, then by index.
/// The order of the coordinates therefore depends on the set of points only, never on the order in which they came:
/// this is what makes every result built on it independent of the input's order.
struct MortonOrder {
    /// Index of each finite point, in curve order.
    let indices: [Int32]
    /// Its code, ascending.
    let codes: [UInt64]

    /// - Complexity: O(n): three passes of a radix sort over the upper 32 bits, which tell nearly all points of a scan
    ///   apart; what they leave together is ordered by comparison, or, where that is much, by sorting all 63 bits.
    init(_ points: [SIMD3<Float>], workers: Workers) {
        precondition(points.count < Int(Int32.max), "a cloud holds fewer than 2^31 points")
        let (box, finite) = Box.around(points)
        guard finite > 0 else {
            (indices, codes) = ([], [])
            return
        }
        if finite == points.count {
            (indices, codes) = Self.sorted(points, nil, box, workers)
        } else {
            let kept = points.indices.filter { points[$0].isFinite }.map { Int32(truncatingIfNeeded: $0) }
            (indices, codes) = Self.sorted(kept.map { points[Int($0)] }, kept, box, workers)
        }
    }

    /// - Parameter names: the index that each point is known by; nil if its place.
    private static func sorted(
        _ points: [SIMD3<Float>], _ names: [Int32]?, _ box: Box, _ workers: Workers
    ) -> ([Int32], [UInt64]) {
        let codes = encode(points, box, workers)
        var entries = codes.indices.map { i in
            RadixSort.Entry(key: UInt32(truncatingIfNeeded: codes[i] >> lowerBits), place: i)
        }
        RadixSort.sort(&entries)
        orderRuns(&entries, codes, points)
        let n = points.count
        return entries.withUnsafeBufferPointer { entries in
            let sortedCodes = [UInt64](unsafeUninitializedCapacity: n) { buffer, count in
                codes.withUnsafeBufferPointer { codes in
                    for i in 0..<n { (buffer.baseAddress! + i).initialize(to: codes[entries[i].place]) }
                }
                count = n
            }
            let indices = [Int32](unsafeUninitializedCapacity: n) { buffer, count in
                for i in 0..<n {
                    let place = entries[i].place
                    (buffer.baseAddress! + i).initialize(to: names?[place] ?? Int32(truncatingIfNeeded: place))
                }
                count = n
            }
            return (indices, sortedCodes)
        }
    }

    private static func encode(_ points: [SIMD3<Float>], _ box: Box, _ workers: Workers) -> [UInt64] {
        let low = SIMD3<Double>(box.low)
        let extent = (SIMD3<Double>(box.high) - low).max()
        let scale = extent > 0 ? 2_097_151 / extent : 0
        return [UInt64](unsafeUninitializedCapacity: points.count) { buffer, count in
            let out = DisjointWrites(buffer)
            workers.run(over: points.count, by: 32768) { range in
                points.withUnsafeBufferPointer { points in
                    let part = UnsafeBufferPointer(rebasing: points[range])
                    withUnsafeTemporaryAllocation(of: Double.self, capacity: 3) { corner in
                        for axis in 0..<3 { corner[axis] = low[axis] }
                        geometry_morton(
                            part.floats, Int64(part.count), corner.baseAddress!, scale, out.base + range.lowerBound)
                    }
                }
            }
            count = points.count
        }
    }

    /// Bits of a 63-bit code below its upper half.
    private static let lowerBits: UInt64 = 31
    /// Runs longer than this of equal upper halves are not sorted by comparison.
    private static let longRun = 64

    /// Orders what has the same upper half: by the whole code, then x, y, z, then index.
    private static func orderRuns(_ entries: inout [RadixSort.Entry], _ codes: [UInt64], _ points: [SIMD3<Float>]) {
        for run in runs(entries) {
            guard run.count > longRun else {
                entries[run].sort { precedes($0, $1, codes, points) }
                continue
            }
            // Many points in a corner of a wide box: by the lower half of their codes, in linear time, then by comparison
            // where the whole code is the same.
            var part = run.map { at in
                let place = entries[at].place
                return RadixSort.Entry(
                    key: UInt32(truncatingIfNeeded: codes[place] & (1 << lowerBits - 1)), place: place)
            }
            RadixSort.sort(&part)
            for equal in runs(part) { part[equal].sort { precedes($0, $1, codes, points) } }
            for (at, entry) in zip(run, part) {
                entries[at] = RadixSort.Entry(key: entries[at].key, place: entry.place)
            }
        }
    }

    /// Where two or more neighbours have the same key.
    private static func runs(_ entries: [RadixSort.Entry]) -> [Range<Int>] {
        entries.withUnsafeBufferPointer { entries in
            var runs: [Range<Int>] = []
            var start = 0
            while start < entries.count {
                var end = start + 1
                while end < entries.count && entries[end].key == entries[start].key { end += 1 }
                if end - start > 1 { runs.append(start..<end) }
                start = end
            }
            return runs
        }
    }

    @inline(__always)
    private static func precedes(
        _ a: RadixSort.Entry, _ b: RadixSort.Entry, _ codes: [UInt64], _ points: [SIMD3<Float>]
    ) -> Bool {
        let (i, j) = (a.place, b.place)
        if codes[i] != codes[j] { return codes[i] < codes[j] }
        if points[i].precedes(points[j]) { return true }
        return !points[j].precedes(points[i]) && i < j
    }
}
