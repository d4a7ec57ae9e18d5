extension LZF {
    private static let longestRun = 32
    private static let longestMatch = 264
    private static let farthest = 8192
    private static let hashBits = 14

    /// Encodes bytes so that `decode` and PCL give them back.
    ///
    /// Greedy: at each place the last one with the same three bytes, if it is near enough. Bytes without a match cost one
    /// in 32 more than they are.
    /// - Complexity: O(bytes).
    static func encode(_ input: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(input.count + input.count / longestRun + 1)
        var last = [Int32](repeating: -1, count: 1 << hashBits)
        input.withUnsafeBufferPointer { input in
            let n = input.count
            var literals = 0
            var at = 0
            func flush(_ end: Int) {
                var start = literals
                while start < end {
                    let length = min(longestRun, end - start)
                    output.append(UInt8(length - 1))
                    output.append(contentsOf: input[start..<start + length])
                    start += length
                }
            }
            while at + 2 < n {
                let three = UInt32(input[at]) << 16 | UInt32(input[at + 1]) << 8 | UInt32(input[at + 2])
                let slot = Int((three &* 0x9e37_79b1) >> UInt32(32 - hashBits))
                let candidate = Int(last[slot])
                last[slot] = Int32(truncatingIfNeeded: at)
                guard candidate >= 0, at - candidate <= farthest, input[candidate] == input[at],
                    input[candidate + 1] == input[at + 1], input[candidate + 2] == input[at + 2]
                else {
                    at += 1
                    continue
                }
                var length = 3
                while length < longestMatch, at + length < n, input[candidate + length] == input[at + length] {
                    length += 1
                }
                flush(at)
                let distance = at - candidate - 1
                if length - 2 < 7 {
                    output.append(UInt8((length - 2) << 5 | distance >> 8))
                } else {
                    output.append(UInt8(7 << 5 | distance >> 8))
                    output.append(UInt8(length - 2 - 7))
                }
                output.append(UInt8(distance & 0xff))
                at += length
                literals = at
            }
            flush(n)
        }
        return output
    }
}
