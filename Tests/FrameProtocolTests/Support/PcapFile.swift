import FrameProtocol
import Foundation

/// Reads classic pcap files, in microseconds and nanoseconds, of both byte orders. For tests only: the program reads
/// captures by libpcap.
enum PcapFile {
    static func packets(in bytes: [UInt8]) -> [CapturePacket] {
        guard bytes.count >= 24 else { return [] }
        func word(_ offset: Int, _ isBig: Bool) -> UInt32 {
            let value = bytes[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return isBig ? value : value.byteSwapped
        }
        let magic = word(0, true)
        let isBig = magic == 0xA1B2_C3D4 || magic == 0xA1B2_3C4D
        let isNano = word(0, isBig) == 0xA1B2_3C4D
        guard isNano || word(0, isBig) == 0xA1B2_C3D4 else { return [] }
        let linkType = Int32(bitPattern: word(20, isBig) & 0x0FFF_FFFF)
        var packets: [CapturePacket] = []
        var offset = 24
        while offset + 16 <= bytes.count {
            let length = Int(word(offset + 8, isBig))
            guard offset + 16 + length <= bytes.count else { break }
            let fraction = Int64(word(offset + 4, isBig)) * (isNano ? 1 : 1000)
            packets.append(
                CapturePacket(
                    timestampNanoseconds: Int64(word(offset, isBig)) * 1_000_000_000 + fraction, linkType: linkType,
                    bytes: Array(bytes[offset + 16..<offset + 16 + length]),
                    originalLength: Int(word(offset + 12, isBig))))
            offset += 16 + length
        }
        return packets
    }
}

/// Captures of others' traffic, kept beside the project's folder; absent elsewhere.
enum SharedCaptures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "shared/captures")
    static let arePresent = FileManager.default.fileExists(atPath: folder.appending(path: "push.pcap").path)

    static func packets(_ name: String) throws -> [CapturePacket] {
        PcapFile.packets(in: Array(try Data(contentsOf: folder.appending(path: name))))
    }
}
