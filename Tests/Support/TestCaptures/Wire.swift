/// Parts of ZMTP streams.
package enum Wire {
    package static func greeting(_ mechanism: String = "NULL", minor: UInt8 = 1) -> [UInt8] {
        [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, minor] + Array(mechanism.utf8)
            + [UInt8](repeating: 0, count: 52 - mechanism.utf8.count)
    }
    package static let ready: [UInt8] =
        [0x04, 26, 5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 4]
        + Array("PUSH".utf8)

    package static func message(_ parts: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            let more: UInt8 = index + 1 < parts.count ? 1 : 0
            if part.count < 256 {
                bytes += [more, UInt8(part.count)]
            } else {
                bytes += [more | 2] + (0..<8).map { UInt8(truncatingIfNeeded: part.count >> (56 - 8 * $0)) }
            }
            bytes += part
        }
        return bytes
    }

    /// A PING command (RFC 37): may lie between any two frames.
    package static let ping: [UInt8] = [4, 7, 4] + Array("PING".utf8) + [0, 100]

    /// The same message with a PING before each part but the first.
    package static func messageWithCommands(_ parts: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if index > 0 { bytes += ping }
            var frame = message([part])
            if index + 1 < parts.count { frame[0] |= 1 }
            bytes += frame
        }
        return bytes
    }
}
