import SeededRandom

/// Seeded damage to bytes, as lines and hostile peers do it: flipped bits, cuts, repeats, and lies about lengths.
struct Mutation {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func below(_ bound: Int) -> Int { generator.next(below: bound) }

    /// One to three changes of bytes.
    mutating func bytes(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...below(3) {
            guard !bytes.isEmpty else { return bytes }
            let place = below(bytes.count)
            let length = 1 + below(min(64, bytes.count - place))
            switch below(7) {
            case 0: for _ in 0...below(8) { bytes[below(bytes.count)] ^= 1 << UInt8(below(8)) }
            case 1: bytes.removeSubrange(place...)
            case 2: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
            case 3: bytes.removeSubrange(place..<(place + length))
            case 4: bytes[place] = [0, 1, 2, 4, 0x7F, 0x80, 0xFF][below(7)]
            case 5: bytes.insert(contentsOf: (0..<length).map { _ in UInt8(below(256)) }, at: place)
            default: lieAboutNumber(&bytes, from: place)
            }
        }
        return bytes
    }

    /// Replaces the next decimal number by another: a header's points, offsets and sizes.
    private mutating func lieAboutNumber(_ bytes: inout [UInt8], from place: Int) {
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        guard let first = bytes[place...].firstIndex(where: isDigit) else { return }
        let end = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.count
        let lies = ["0", "1", "4294967295", "4294967296", "18446744073709551616", "-1", "1e9", "\(below(100_000))"]
        bytes.replaceSubrange(first..<end, with: Array(lies[below(lies.count)].utf8))
    }

    /// A message with damaged, missing, repeated or exchanged parts.
    mutating func message(_ original: [[UInt8]]) -> [[UInt8]] {
        var parts = original
        switch below(10) {
        case 0: parts.remove(at: below(parts.count))
        case 1: parts.insert(parts[below(parts.count)], at: below(parts.count + 1))
        case 2: parts.swapAt(below(parts.count), below(parts.count))
        case 3: parts = (0...below(80)).map { _ in parts[below(parts.count)] }
        default:
            // Mostly the header, where there is most to get wrong.
            let index = [0, 1, 1, 1, 1, 2][below(6)]
            parts[index] = bytes(parts[index])
        }
        return parts.isEmpty ? [[]] : parts
    }

    /// A ZMTP stream with a damaged place, or with a frame whose flags or size lie.
    ///
    /// - Parameter frames: where frames begin.
    mutating func stream(_ original: [UInt8], frames: [Int]) -> [UInt8] {
        var bytes = original
        guard below(2) == 0 else { return self.bytes(bytes) }
        let place = frames[below(frames.count)]
        switch below(4) {
        case 0: bytes[place] = UInt8(below(256))
        case 1: bytes[place + 1] = UInt8(below(256))
        case 2:
            // A long frame of whatever size, up to the most that eight bytes say.
            bytes[place] |= 2
            for index in 1..<min(9, bytes.count - place) {
                bytes[place + index] = index < 1 + below(8) ? 0 : UInt8(below(256))
            }
        default: bytes.removeSubrange((place + 1 + below(8))...)
        }
        return bytes
    }
}
