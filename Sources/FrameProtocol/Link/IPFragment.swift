/// A piece of an IPv4 or IPv6 datagram (RFC 791, section 3.2; RFC 8200, section 4.5).
struct IPFragment {
    /// What all pieces of one datagram have in common.
    struct Key: Hashable {
        var source: IPAddress
        var destination: IPAddress
        var identification: UInt32
        /// IPv4's protocol; 0 for IPv6, whose first fragment names it.
        var protocolNumber: UInt8
    }

    var key: Key
    /// Place of the payload in the datagram's.
    var offset: Int
    var isLast: Bool
    /// The protocol that the datagram's payload begins with; of IPv6 only the first fragment's counts.
    var nextHeader: UInt8
    /// The payload as far as it was captured; shares the packet's storage.
    var payload: ArraySlice<UInt8>
    /// Bytes of payload on the wire, at least those captured.
    var length: Int

    var end: Int { offset + length }
}

/// What an IP packet carried.
enum IPPayload {
    case segment(TCPSegment)
    case fragment(IPFragment)
}
