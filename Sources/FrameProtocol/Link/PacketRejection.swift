/// Why a packet gave no TCP segment, nor a fragment of one.
public enum PacketRejection: String, Error, Sendable, CaseIterable {
    case unsupportedLinkType = "unsupported link type"
    case notIP = "not IP"
    case notTCP = "not TCP"
    /// Only of `LinkLayer.segment`, which sees one packet at a time.
    case fragment = "IP fragment"
    case headersCut = "headers cut short (snapshot length)"
    case malformed = "malformed headers"
    /// Its bytes contradict those of another fragment: the whole datagram is refused (RFC 5722).
    case fragmentOverlap = "overlapping IP fragment"
    /// More pieces of one datagram than are held.
    case fragmentLimit = "IP fragment over the limits"
}
