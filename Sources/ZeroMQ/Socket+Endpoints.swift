import CZeroMQ

extension Socket {
    /// Listens at `endpoint`, and returns where: with the port that was taken in place of port 0.
    ///
    /// - Parameter allowInsecure: whether other machines may connect though nothing is encrypted and nobody is asked
    ///   who they are.
    public func bind(_ endpoint: String, allowInsecure: Bool = false) throws(ZeroMQError) -> String {
        try Endpoint.check(endpoint)
        guard allowInsecure || options.security.protectsBind || Endpoint.isLocal(endpoint) else {
            throw ZeroMQError(
                code: .insecureBind,
                message: "\(endpoint) can be reached by other machines, without encryption and without asking who they "
                    + "are: bind tcp://127.0.0.1:PORT, or give --curve-secret and --allow-list (docs/security.md), or set "
                    + "allow_insecure: true (--allow-insecure) on a network that you trust")
        }
        return try withHandle { (handle) throws(ZeroMQError) in
            try enableIPv6(for: endpoint, on: handle)
            guard zmq_bind(handle, endpoint) == 0 else { throw .last("bind", endpoint) }
            var size = 4096
            let bytes = [CChar](unsafeUninitializedCapacity: size) { buffer, count in
                let code = zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, buffer.baseAddress, &size)
                count = code == 0 ? size : 0
            }
            return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// Connects to `endpoint`, now or as soon as somebody listens there, and again whenever the connection is lost.
    public func connect(_ endpoint: String) throws(ZeroMQError) {
        try Endpoint.check(endpoint)
        try withHandle { (handle) throws(ZeroMQError) in
            try enableIPv6(for: endpoint, on: handle)
            guard zmq_connect(handle, endpoint) == 0 else { throw .last("connect to", endpoint) }
        }
    }

    /// Asks for the messages whose first part begins with `prefix`; an empty one asks for all. SUB only.
    public func subscribe(_ prefix: String) throws(ZeroMQError) {
        try withHandle { (handle) throws(ZeroMQError) in
            let bytes = Array(prefix.utf8)
            guard zmq_setsockopt(handle, ZMQ_SUBSCRIBE, bytes, bytes.count) == 0 else {
                throw .last("cannot subscribe to \"\(prefix)\"")
            }
        }
    }

    private func enableIPv6(for endpoint: String, on handle: UnsafeMutableRawPointer) throws(ZeroMQError) {
        guard Endpoint.isIPv6(endpoint) else { return }
        try SocketOptions.set(ZMQ_IPV6, to: 1, named: "ZMQ_IPV6", on: handle)
    }
}
