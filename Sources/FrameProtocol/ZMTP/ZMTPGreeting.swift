/// What a peer says of itself in the first 64 bytes of a connection (ZMTP 3.0 and 3.1, RFC 23 and 37):
///
///     signature 10 = FF, 8 bytes of padding, 7F | version 2 | mechanism 20 | as-server 1 | filler 31
public struct ZMTPGreeting: Sendable, Equatable {
    /// Bytes of a greeting.
    public static let byteCount = 64

    public var major: UInt8
    public var minor: UInt8
    /// `NULL`, `PLAIN`, `CURVE`, ... At most the 20 bytes of its field, whatever the peer puts there.
    public var mechanism: String
    public var asServer: Bool

    /// Whether the messages of this mechanism can be read by a third party. CURVE's cannot: it encrypts the bodies,
    /// and with them the topic and where a message ends.
    public var isReadable: Bool { mechanism == "NULL" || mechanism == "PLAIN" }

    /// Reads a whole greeting whose signature and version have been checked.
    init(_ bytes: [UInt8]) {
        major = bytes[10]
        minor = bytes[11]
        let name = bytes[12..<32].prefix { $0 != 0 }
        mechanism = String(decoding: name, as: UTF8.self)
        asServer = bytes[32] == 1
    }

    /// What is wrong with a beginning of a greeting, if anything; to be asked again with each byte that comes.
    static func fault(in beginning: [UInt8]) -> ZMTPFault? {
        if let first = beginning.first, first != 0xFF || (beginning.count > 9 && beginning[9] & 1 == 0) {
            return ZMTPFault(
                code: .notZMTP, offset: 0,
                message: "expected a ZMTP greeting (FF, 8 bytes, 7F), found \(hexadecimal(beginning.prefix(10))); "
                    + "another protocol speaks on this connection, or ZMTP 1.0")
        }
        if beginning.count > 10, beginning[10] < 3 {
            return ZMTPFault(
                code: .unsupportedVersion, offset: 10,
                message: "expected ZMTP 3, found revision \(beginning[10]); use a peer of libzmq 4.0 or later")
        }
        return nil
    }
}

/// Bytes for a message: `ff 00 7f`.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
}
