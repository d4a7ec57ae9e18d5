/// The link-layer header types of a capture that are read, by their libpcap numbers.
public enum LinkType: Int32, Sendable, CaseIterable {
    case null = 0
    case ethernet = 1
    case rawBSD = 12
    case raw = 101
    case loop = 108
    case linuxSLL = 113
    case ipv4 = 228
    case ipv6 = 229
    case linuxSLL2 = 276
}

/// Why a packet gave no TCP segment.
public enum PacketRejection: String, Error, Sendable, CaseIterable {
    case unsupportedLinkType = "unsupported link type"
    case notIP = "not IP"
    case notTCP = "not TCP"
    case fragment = "IP fragment (not put together)"
    case headersCut = "headers cut short (snapshot length)"
    case malformed = "malformed headers"
}
