import FrameProtocol
import Foundation

/// Writes a capture of one ZMTP connection: pcap in nanoseconds, Ethernet, IPv4, TCP.
struct BenchmarkCapture {
    private var file: FileHandle
    private var sequence: UInt32 = 1000
    private var time: UInt64 = 1_700_000_000_000_000_000
    private let segmentBytes: Int

    init(path: String, segmentBytes: Int) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw CocoaError(.fileWriteUnknown) }
        self.file = file
        self.segmentBytes = segmentBytes
        var bytes: [UInt8] = []
        for word in [0xA1B2_3C4D, 0x0004_0002, 0, 0, 262_144, 1] as [UInt32] { bytes += little(word) }
        try file.write(contentsOf: bytes)
        let greeting: [UInt8] = [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3, 1] + Array("NULL".utf8)
        let ready = [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 4] + Array("PUSH".utf8)
        try append([], flags: 2)
        sequence += 1
        try append(greeting + [UInt8](repeating: 0, count: 64 - greeting.count) + [4, UInt8(ready.count)] + ready)
    }

    mutating func add(_ parts: [[UInt8]]) throws {
        var stream: [UInt8] = []
        for (index, part) in parts.enumerated() {
            let more: UInt8 = index < parts.count - 1 ? 1 : 0
            stream += part.count < 256 ? [more, UInt8(part.count)] : [more | 2] + big(UInt64(part.count))
            stream += part
        }
        try append(stream)
        time += 10_000_000
    }

    private mutating func append(_ stream: [UInt8], flags: UInt8 = 0x18) throws {
        var packets: [UInt8] = []
        var rest = stream[...]
        repeat {
            let payload = rest.prefix(segmentBytes)
            rest = rest.dropFirst(payload.count)
            let (length, captured) = (40 + payload.count, UInt32(54 + payload.count))
            for word in [UInt32(time / 1_000_000_000), UInt32(time % 1_000_000_000), captured, captured] {
                packets += little(word)
            }
            packets += [UInt8](repeating: 2, count: 12) + [8, 0, 0x45, 0] + big(UInt16(length))
            packets += [0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0xC0, 0, 0x15, 0xE0]
            packets += big(sequence) + [0, 0, 0, 0, 0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]
            packets += payload
            sequence &+= UInt32(payload.count)
        } while !rest.isEmpty
        try file.write(contentsOf: packets)
    }

    private func little(_ word: UInt32) -> [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    private func big(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
