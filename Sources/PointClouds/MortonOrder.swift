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

    struct Entry {
        var code: UInt64
        var index: Int32
    }

    /// - Complexity: O(n); six passes of a radix sort at most.
    init(_ points: [SIMD3<Float>], workers: Workers) {
        precondition(points.count < Int(Int32.max), "a cloud holds fewer than 2^31 points")
        var entries = Self.encode(points, workers: workers)
        Self.radixSort(&entries)
        Self.orderWithinCells(&entries, points)
        indices = entries.map(\.index)
        codes = entries.map(\.code)
    }

    private static func encode(_ points: [SIMD3<Float>], workers: Workers) -> [Entry] {
        var box = Box.empty
        var finite = 0
        for point in points where point.isFinite {
            box.include(point)
            finite += 1
        }
        guard finite > 0 else { return [] }
        let low = SIMD3<Double>(box.low)
        let extent = (SIMD3<Double>(box.high) - low).max()
        let scale = extent > 0 ? 2_097_151 / extent : 0
        let indices: [Int32]? =
            finite == points.count ? nil : points.indices.lazy.filter { points[$0].isFinite }.map(Int32.init)
        return [Entry](unsafeUninitializedCapacity: finite) { buffer, count in
            let out = DisjointWrites(buffer)
            workers.run(over: finite, by: 16384) { range in
                for i in range {
                    let index = indices?[i] ?? Int32(i)
                    let cell = (SIMD3<Double>(points[Int(index)]) - low) * scale
                    let code =
                        spread(UInt64(cell.x)) | spread(UInt64(cell.y)) << 1 | spread(UInt64(cell.z)) << 2
                    (out.base + i).initialize(to: Entry(code: code, index: index))
                }
            }
            count = finite
        }
    }

    /// Moves bit i of a 21-bit number to bit 3 i.
    @inline(__always)
    private static func spread(_ value: UInt64) -> UInt64 {
        var v = value & 0x1f_ffff
        v = (v | v << 32) & 0x1f_0000_0000_ffff
        v = (v | v << 16) & 0x1f_0000_ff00_00ff
        v = (v | v << 8) & 0x100f_00f0_0f00_f00f
        v = (v | v << 4) & 0x10c3_0c30_c30c_30c3
        v = (v | v << 2) & 0x1249_2492_4924_9249
        return v
    }

    /// Least significant digit first, 11 bits a pass: stable, so equal codes stay in index order.
    static func radixSort(_ entries: inout [Entry]) {
        let n = entries.count
        guard n > 1 else { return }
        let passes = 6
        let radix = 2048
        var histogram = [Int32](repeating: 0, count: passes * radix)
        histogram.withUnsafeMutableBufferPointer { counts in
            for entry in entries {
                for pass in 0..<passes {
                    counts[pass * radix + Int(truncatingIfNeeded: entry.code >> UInt64(11 * pass)) & 2047] &+= 1
                }
            }
        }
        var other = [Entry](repeating: Entry(code: 0, index: 0), count: n)
        for pass in 0..<passes {
            let shift = UInt64(11 * pass)
            let digit = Int(truncatingIfNeeded: entries[0].code >> shift) & 2047
            if Int(histogram[pass * radix + digit]) == n { continue }
            histogram.withUnsafeMutableBufferPointer { counts in
                var sum: Int32 = 0
                for bucket in pass * radix..<(pass + 1) * radix {
                    let here = counts[bucket]
                    counts[bucket] = sum
                    sum &+= here
                }
                entries.withUnsafeBufferPointer { source in
                    other.withUnsafeMutableBufferPointer { target in
                        for entry in source {
                            let bucket = pass * radix + Int(truncatingIfNeeded: entry.code >> shift) & 2047
                            target[Int(counts[bucket])] = entry
                            counts[bucket] &+= 1
                        }
                    }
                }
            }
            swap(&entries, &other)
        }
    }

    private static func orderWithinCells(_ entries: inout [Entry], _ points: [SIMD3<Float>]) {
        entries.withUnsafeMutableBufferPointer { entries in
            var start = 0
            while start < entries.count {
                var end = start + 1
                while end < entries.count && entries[end].code == entries[start].code { end += 1 }
                if end - start > 1 {
                    entries[start..<end].sort { a, b in
                        let p = points[Int(a.index)]
                        let q = points[Int(b.index)]
                        return p.precedes(q) || (!q.precedes(p) && a.index < b.index)
                    }
                }
                start = end
            }
        }
    }
}
