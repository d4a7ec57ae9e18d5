import Glibc

/// Whom connections and wrong tokens are counted by: an IPv4 address, or the first 64 bits of an IPv6 one, as a single
/// machine has all the rest.
struct ClientAddress: Hashable, Sendable {
    /// `10.0.0.7`, `2001:db8:0:1::/64`; what is no address is `(unknown)`.
    let text: String
    let isLoopback: Bool

    /// - Parameter address: as a socket or a proxy tells it, also with a port.
    init(_ address: String?) {
        let host = Self.withoutPort(address ?? "")
        var four = in_addr(), six = in6_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            self.init(four)
        } else if inet_pton(AF_INET6, host, &six) == 1 {
            self.init(withUnsafeBytes(of: six) { [UInt8]($0) })
        } else {
            self.init(text: "(unknown)", isLoopback: false)
        }
    }

    private init(text: String, isLoopback: Bool) {
        self.text = text
        self.isLoopback = isLoopback
    }

    private init(_ address: in_addr) {
        let bytes = withUnsafeBytes(of: address) { [UInt8]($0) }
        text = bytes.map(String.init).joined(separator: ".")
        isLoopback = bytes[0] == 127
    }

    private init(_ bytes: [UInt8]) {
        // IPv4 in IPv6's clothes, as a socket for both tells it: ::ffff:10.0.0.7.
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            text = bytes[12...].map(String.init).joined(separator: ".")
            isLoopback = bytes[12] == 127
        } else {
            let groups = stride(from: 0, to: 8, by: 2).map {
                String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16)
            }
            text = groups.joined(separator: ":") + "::/64"
            isLoopback = bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        }
    }

    /// `10.0.0.7:80`, `[2001:db8::1]:80` and `[2001:db8::1]` too; an IPv6 address alone has more than one colon.
    private static func withoutPort(_ address: String) -> String {
        guard address.hasPrefix("[") || address.count(where: { $0 == ":" }) == 1 else { return address }
        return RequestOrigin.withoutPort(address)
    }
}
