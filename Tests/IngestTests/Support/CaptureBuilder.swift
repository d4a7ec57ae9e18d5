import Foundation

/// Writes a capture of one ZMTP 3.1 connection, PUSH to PULL, byte by byte as the formats say: pcap (nanoseconds, link
/// type 101: raw IP), IPv4 (RFC 791), TCP (RFC 9293), ZMTP (RFC 37).
struct CaptureBuilder {
    private(set) var bytes: [UInt8] = []
    private var sequence: UInt32 = 1000

    init() {
        for word in [0xA1B2_3C4D, 0x0004_0002, 0, 0, 262_144, 101] as [UInt32] { bytes += little(word) }
        packet(at: 0, flags: 0x02, payload: [])
        sequence += 1
        let greeting: [UInt8] = [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3, 1] + Array("NULL".utf8)
        send(greeting + [UInt8](repeating: 0, count: 64 - greeting.count), at: 0)
        let property = [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 4] + Array("PUSH".utf8)
        send([0x04, UInt8(property.count)] + property, at: 0)
    }

    /// Adds a message that was sent at `time` (ns) in segments of at most 1400 bytes.
    mutating func add(_ parts: [[UInt8]], at time: UInt64) {
        var stream: [UInt8] = []
        for (index, part) in parts.enumerated() {
            let more: UInt8 = index < parts.count - 1 ? 1 : 0
            stream += part.count < 256 ? [more, UInt8(part.count)] : [more | 2] + big(UInt64(part.count))
            stream += part
        }
        send(stream, at: time)
    }

    /// Writes the first `length` bytes (all if nil) to a new file.
    func write(length: Int? = nil) throws -> CaptureFile {
        try CaptureFile(Array(bytes.prefix(length ?? bytes.count)))
    }

    private mutating func send(_ stream: [UInt8], at time: UInt64) {
        var rest = stream[...]
        while !rest.isEmpty {
            let payload = Array(rest.prefix(1400))
            packet(at: time, flags: 0x18, payload: payload)
            sequence &+= UInt32(payload.count)
            rest = rest.dropFirst(1400)
        }
    }

    private mutating func packet(at time: UInt64, flags: UInt8, payload: [UInt8]) {
        let length = 40 + payload.count
        let ip: [UInt8] =
            [0x45, 0, UInt8(length >> 8), UInt8(length & 255), 0, 0, 0x40, 0, 64, 6, 0, 0]
            + [10, 0, 0, 1, 10, 0, 0, 2]
        let tcp: [UInt8] =
            [0xC0, 0x00, 0x1E, 0x61] + big(sequence) + [0, 0, 0, 0, 0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]
        for word in [UInt32(time / 1_000_000_000), UInt32(time % 1_000_000_000), UInt32(length), UInt32(length)] {
            bytes += little(word)
        }
        bytes += ip + tcp + payload
    }

    private func little(_ word: UInt32) -> [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    private func big<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
        withUnsafeBytes(of: word.bigEndian) { Array($0) }
    }
}

/// A file in a directory of its own, removed with it.
final class CaptureFile {
    let path: String
    private let directory: URL

    init(_ bytes: [UInt8]) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("ingest-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let file = directory.appendingPathComponent("test.pcap")
        try Data(bytes).write(to: file)
        path = file.path
    }

    deinit { try? FileManager.default.removeItem(at: directory) }
}
