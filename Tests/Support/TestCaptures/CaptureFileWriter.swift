package import FrameProtocol

/// Capture files as other programs write them, for tests: pcap in both byte orders and resolutions, and pcapng.
package struct CaptureFileWriter: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        case microseconds, nanoseconds, bigEndian, pcapng
    }

    package private(set) var bytes: [UInt8] = []
    private let format: Format

    package init(_ format: Format = .nanoseconds, linkType: LinkType) {
        self.format = format
        // In files, raw IP is 101 on every system.
        let type = UInt32(linkType == .rawBSD ? 101 : linkType.rawValue)
        switch format {
        case .pcapng:
            let section: [UInt32] = [0x0A0D_0D0A, 28, 0x1A2B_3C4D, 0x0000_0001, 0xFFFF_FFFF, 0xFFFF_FFFF, 28]
            // An interface whose times count nanoseconds: option if_tsresol 9.
            let interface: [UInt32] = [1, 32, type, 262_144, 0x0001_0009, 9, 0, 32]
            for word in section + interface { append(word) }
        default:
            for word in [format == .nanoseconds ? 0xA1B2_3C4D : 0xA1B2_C3D4, 0x0004_0002, 0, 0, 262_144, type] {
                // The version is two 16-bit numbers.
                append(format == .bigEndian && word == 0x0004_0002 ? 0x0002_0004 : word)
            }
        }
    }

    package init(_ packets: [CapturePacket], _ format: Format = .nanoseconds, linkType: LinkType) {
        self.init(format, linkType: linkType)
        for packet in packets { add(packet) }
    }

    package mutating func add(_ packet: CapturePacket) {
        let (time, captured) = (UInt64(packet.timestampNanoseconds), UInt32(packet.bytes.count))
        let original = UInt32(packet.originalLength)
        guard format == .pcapng else {
            let fraction = UInt32(time % 1_000_000_000) / (format == .nanoseconds ? 1 : 1000)
            for word in [UInt32(time / 1_000_000_000), fraction, captured, original] { append(word) }
            bytes += packet.bytes
            return
        }
        let padding = (4 - packet.bytes.count % 4) % 4
        let length = captured + UInt32(padding) + 32
        for word in [6, length, 0, UInt32(time >> 32), UInt32(truncatingIfNeeded: time), captured, original] {
            append(word)
        }
        bytes += packet.bytes + [UInt8](repeating: 0, count: padding)
        append(length)
    }

    private mutating func append(_ word: UInt32) {
        withUnsafeBytes(of: format == .bigEndian ? word.bigEndian : word.littleEndian) { bytes += $0 }
    }
}
