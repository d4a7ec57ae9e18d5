import CZeroMQ
import Glibc

/// A connection's descriptor of ours, beside libzmq's, by which the kernel is asked about the peer also after libzmq has
/// closed its own. The connection ends when both are closed.
final class PeerLink {
    /// What the kernel knows of the connection.
    struct State: Sendable, Equatable {
        /// Whether neither side has hung up.
        var isEstablished: Bool
        /// Since the peer's kernel acknowledged something, and since it sent something; ms.
        var sinceAcknowledgement: UInt32
        var sinceData: UInt32
        /// Whether something that came was not read yet.
        var hasUnread: Bool
        /// Bytes that came so far.
        var received: UInt64 = 0
    }

    /// The peer's address and port.
    let peer: String
    private let descriptor: Int32

    /// nil where `descriptor` is no TCP connection any more.
    init?(duplicating descriptor: Int32) {
        let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard own >= 0 else { return nil }
        guard let peer = Self.peer(of: own) else {
            Glibc.close(own)
            return nil
        }
        self.descriptor = own
        self.peer = peer
    }

    deinit { Glibc.close(descriptor) }

    /// nil where the kernel tells nothing.
    var state: State? {
        var link = scanward_link()
        guard scanward_tcp_link(descriptor, &link) == 0 else { return nil }
        return State(
            isEstablished: scanward_is_established(link.state) != 0, sinceAcknowledgement: link.since_acknowledgement,
            sinceData: link.since_data, hasUnread: link.unread > 0, received: link.received)
    }

    /// Ends the connection, for libzmq too.
    func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private static func peer(of descriptor: Int32) -> String? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> String? in
                guard getpeername(descriptor, address, &size) == 0 else { return nil }
                let family = Int32(address.pointee.sa_family)
                guard family == AF_INET || family == AF_INET6 else { return nil }
                var host = [CChar](repeating: 0, count: Int(NI_MAXHOST)), port = [CChar](repeating: 0, count: 32)
                guard
                    getnameinfo(
                        address, size, &host, socklen_t(host.count), &port, socklen_t(port.count),
                        NI_NUMERICHOST | NI_NUMERICSERV) == 0
                else { return nil }
                let name = text(host)
                return name.contains(":") ? "[\(name)]:\(text(port))" : "\(name):\(text(port))"
            }
        }
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
