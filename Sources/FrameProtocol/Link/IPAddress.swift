/// An IPv4 or IPv6 address.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address, big-endian in 128 bits; IPv4 in the lowest 32.
    fileprivate let high: UInt64
    fileprivate let low: UInt64
    public let isIPv6: Bool

    /// An IPv4 address from its 32 bits, first byte highest.
    public init(ipv4 bits: UInt32) {
        high = 0
        low = UInt64(bits)
        isIPv6 = false
    }

    /// An IPv6 address from its two halves, first byte highest.
    public init(ipv6High high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        isIPv6 = true
    }

    /// `192.0.2.1`, or IPv6 as RFC 5952 writes it: `2001:db8::1`.
    public var description: String {
        if !isIPv6 { return (0..<4).map { "\(low >> (24 - 8 * UInt64($0)) & 0xFF)" }.joined(separator: ".") }
        let groups = (0..<8).map { (index: Int) -> UInt64 in
            (index < 4 ? high : low) >> (48 - 16 * UInt64(index % 4)) & 0xFFFF
        }
        // The longest run of two or more zero groups is left out, the first one of equals.
        var run = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || groups[index] != 0 {
            if index - start > max(1, run.count) { run = start..<index }
            start = index + 1
        }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return run.isEmpty ? text(0..<8) : text(0..<run.lowerBound) + "::" + text(run.upperBound..<8)
    }
}

/// One end of a TCP connection.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    public var address: IPAddress
    public var port: UInt16

    public init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// `192.0.2.1:5555`, `[2001:db8::1]:5555`.
    public var description: String { address.isIPv6 ? "[\(address)]:\(port)" : "\(address):\(port)" }
}

/// One direction of a TCP connection, by its 4-tuple.
public struct Flow: Sendable, Hashable, CustomStringConvertible {
    public var source: Endpoint
    public var destination: Endpoint

    public init(source: Endpoint, destination: Endpoint) {
        self.source = source
        self.destination = destination
    }

    /// The other direction of the same connection.
    public var reversed: Flow { Flow(source: destination, destination: source) }

    public var description: String { "\(source) -> \(destination)" }

    /// In three words instead of eight values: with small segments, hashing is much of the work.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(source.address.low)
        hasher.combine(destination.address.low)
        hasher.combine(UInt64(source.port) << 16 | UInt64(destination.port))
        if source.address.isIPv6 {
            hasher.combine(source.address.high)
            hasher.combine(destination.address.high)
        }
    }
}
