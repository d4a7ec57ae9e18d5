import CZeroMQ

/// How a socket's peers prove who they are. There is no PLAIN: with an empty domain libzmq 4.3.4 aborts the process on the
/// first remote connection.
public enum SocketSecurity: Sendable, Equatable {
    /// Nothing is encrypted, nobody is asked.
    case none
    /// CURVE, listening: only keys that `gate` admits. libzmq 4.3.4 without a gate would accept any key, so that there is
    /// no server without one.
    case curveServer(CurveKeyPair, gate: AccessGate)
    /// CURVE, connecting to the peer that has the secret of `server`.
    case curveClient(CurveKeyPair, server: CurveKey)

    /// Whether a socket that listens so may be reached by other machines.
    var protectsBind: Bool {
        if case .curveServer = self { return true }
        return false
    }

    /// ZAP requests of our sockets carry it (RFC 27). With `ZMQ_ZAP_ENFORCE_DOMAIN` a socket whose domain nobody answers
    /// for admits nobody.
    static let domain = "scanward"

    func apply(to socket: UnsafeMutableRawPointer) throws(ZeroMQError) {
        switch self {
        case .none:
            return
        case .curveServer(let keys, _):
            try SocketOptions.set(ZMQ_ZAP_ENFORCE_DOMAIN, to: 1, named: "ZMQ_ZAP_ENFORCE_DOMAIN", on: socket)
            try set(ZMQ_ZAP_DOMAIN, to: Self.domain, named: "ZMQ_ZAP_DOMAIN", on: socket)
            try SocketOptions.set(ZMQ_CURVE_SERVER, to: 1, named: "ZMQ_CURVE_SERVER", on: socket)
            try set(ZMQ_CURVE_SECRETKEY, to: keys.secretKey.text, named: "ZMQ_CURVE_SECRETKEY", on: socket)
        case .curveClient(let keys, let server):
            try set(ZMQ_CURVE_SERVERKEY, to: server.text, named: "ZMQ_CURVE_SERVERKEY", on: socket)
            try set(ZMQ_CURVE_PUBLICKEY, to: keys.publicKey.text, named: "ZMQ_CURVE_PUBLICKEY", on: socket)
            try set(ZMQ_CURVE_SECRETKEY, to: keys.secretKey.text, named: "ZMQ_CURVE_SECRETKEY", on: socket)
        }
    }

    private func set(
        _ option: Int32, to text: String, named name: String, on socket: UnsafeMutableRawPointer
    ) throws(ZeroMQError) {
        let bytes = Array(text.utf8)
        guard zmq_setsockopt(socket, option, bytes, bytes.count) == 0 else { throw .last("cannot set \(name)") }
    }
}
