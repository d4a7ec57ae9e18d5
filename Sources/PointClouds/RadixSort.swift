/// Sorting of places by integer keys, least significant digit first.
enum RadixSort {
    /// A 32-bit key and a place, in the eight bytes that a pass moves.
    struct Entry {
        var bits: UInt64

        @inline(__always)
        init(key: UInt32, place: Int) { bits = UInt64(key) << 32 | UInt64(UInt32(truncatingIfNeeded: place)) }

        @inline(__always)
        var key: UInt32 { UInt32(truncatingIfNeeded: bits >> 32) }
        @inline(__always)
        var place: Int { Int(UInt32(truncatingIfNeeded: bits)) }
    }

    private static let radix = 2048

    /// Orders entries by key, equal ones as they stand.
    /// - Complexity: O(n): three passes of 11 bits, fewer where a digit is the same in all.
    static func sort(_ entries: inout [Entry]) {
        let n = entries.count
        guard n > 1 else { return }
        var other = [Entry](repeating: Entry(key: 0, place: 0), count: n)
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 3 * radix) { counts in
            counts.initialize(repeating: 0)
            entries.withUnsafeBufferPointer { entries in
                for i in 0..<n {
                    let key = Int(entries[i].key)
                    counts[key & 2047] &+= 1
                    counts[radix + key >> 11 & 2047] &+= 1
                    counts[2 * radix + key >> 22] &+= 1
                }
            }
            for pass in 0..<3 {
                let shift = UInt64(32 + 11 * pass)
                let own = UnsafeMutableBufferPointer(rebasing: counts[pass * radix..<(pass + 1) * radix])
                if Int(own[Int(truncatingIfNeeded: entries[0].bits >> shift) & 2047]) == n { continue }
                var sum: UInt32 = 0
                for bucket in 0..<radix {
                    let here = own[bucket]
                    own[bucket] = sum
                    sum &+= here
                }
                entries.withUnsafeBufferPointer { source in
                    other.withUnsafeMutableBufferPointer { target in
                        for i in 0..<n {
                            let bucket = Int(truncatingIfNeeded: source[i].bits >> shift) & 2047
                            target[Int(own[bucket])] = source[i]
                            own[bucket] &+= 1
                        }
                    }
                }
                swap(&entries, &other)
            }
        }
    }

    /// Places of the keys in ascending order, equal ones as they stand.
    static func order(of keys: [UInt64]) -> [Int] {
        var entries = keys.indices.map { Entry(key: UInt32(truncatingIfNeeded: keys[$0]), place: $0) }
        sort(&entries)
        for i in entries.indices {
            let place = entries[i].place
            entries[i] = Entry(key: UInt32(truncatingIfNeeded: keys[place] >> 32), place: place)
        }
        sort(&entries)
        return entries.map(\.place)
    }
}
