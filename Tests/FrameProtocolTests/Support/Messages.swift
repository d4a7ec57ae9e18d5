import FrameProtocol

/// Messages as a test needs them: a valid one, and the same with one thing changed.
enum Messages {
    static let topic = Array("pcf/1/s1".utf8)
    /// Keys of a valid header of two packed points, in the order of the format's table, as JSON.
    static let keys: [(String, String)] = [
        ("schema", "\"pcf/1\""), ("source", "\"s1\""), ("session", "\"a1b2\""), ("seq", "7"), ("part_id", "\"P-1\""),
        ("frame_index", "0"), ("end_of_part", "true"), ("t_capture_ns", "1763961234567890123"), ("unit", "\"mm\""),
        ("points", "2"), ("point_step", "12"), ("fields", fields(("x", 0, "<f4"), ("y", 4, "<f4"), ("z", 8, "<f4"))),
        ("crc32", "\(Checksum.crc32(records))"),
    ]
    static let records: [UInt8] = [1, 2, 3, 4, 5, 6].map { Float($0) }.withUnsafeBytes { Array($0) }

    static func fields(_ list: (String, Int, String)...) -> String {
        "[" + list.map { "{\"name\": \"\($0)\", \"offset\": \($1), \"dtype\": \"\($2)\"}" }.joined(separator: ", ")
            + "]"
    }

    /// The valid header with some keys' values replaced, added, or (nil) left out.
    static func header(_ changes: [String: String?] = [:]) -> String {
        var members = keys
        for (key, value) in changes.sorted(by: { $0.key < $1.key }) {
            let place = members.firstIndex { $0.0 == key }
            switch (place, value) {
            case (let place?, let value?): members[place].1 = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
        return "{" + members.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
    }

    static func message(_ changes: [String: String?] = [:]) -> [[UInt8]] {
        [topic, Array(header(changes).utf8), records]
    }

    /// A message of `count` packed points from a seed.
    static func frame(
        source: String = "s1", seq: UInt64 = 0, points count: Int, seed: UInt64 = 1
    ) throws -> [[UInt8]] {
        var generator = SeededGenerator(seed: seed &+ seq)
        let points = (0..<count).map { _ in SIMD3<Float>.random(in: -500...500, using: &generator) }
        let header = FrameHeader(
            source: source, session: "a1b2", seq: seq, partID: "P-\(seq / 4)", frameIndex: UInt32(seq % 4),
            endOfPart: seq % 4 == 3, captureNanoseconds: 1_763_961_234_000_000_000 + seq)
        return try FrameEncoder().encode(header, points: points)
    }
}
