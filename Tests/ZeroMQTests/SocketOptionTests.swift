import CZeroMQ
import Testing
import Threads

@testable import ZeroMQ

/// What libzmq says that it was told, for each kind of socket.
@Suite(.timeLimit(.minutes(30))) struct SocketOptionTests {
    @Test(arguments: [Socket.Kind.push, .pull, .pub, .xpub, .sub])
    func everyLimitIsSet(kind: Socket.Kind) throws {
        let socket = try Socket(kind, context: Context(), options: .frames)
        let receives = kind == .pull || kind == .sub
        let expected: [(name: String, option: Int32, value: Int)] = [
            ("SNDHWM", ZMQ_SNDHWM, 8), ("RCVHWM", ZMQ_RCVHWM, 8), ("HANDSHAKE_IVL", ZMQ_HANDSHAKE_IVL, 5000),
            ("RECONNECT_IVL", ZMQ_RECONNECT_IVL, 100), ("RECONNECT_IVL_MAX", ZMQ_RECONNECT_IVL_MAX, 2000),
            ("CONNECT_TIMEOUT", ZMQ_CONNECT_TIMEOUT, 2000), ("LINGER", ZMQ_LINGER, receives ? 0 : 2000),
            ("HEARTBEAT_IVL", ZMQ_HEARTBEAT_IVL, 0),
            ("HEARTBEAT_TTL", ZMQ_HEARTBEAT_TTL, 0),
            ("HEARTBEAT_TIMEOUT", ZMQ_HEARTBEAT_TIMEOUT, 0), ("TCP_MAXRT", ZMQ_TCP_MAXRT, receives ? 5000 : 0),
            ("TCP_KEEPALIVE", ZMQ_TCP_KEEPALIVE, 1), ("TCP_KEEPALIVE_IDLE", ZMQ_TCP_KEEPALIVE_IDLE, receives ? 1 : 5),
            ("TCP_KEEPALIVE_INTVL", ZMQ_TCP_KEEPALIVE_INTVL, 1),
            ("TCP_KEEPALIVE_CNT", ZMQ_TCP_KEEPALIVE_CNT, receives ? 4 : 3),
            ("IMMEDIATE", ZMQ_IMMEDIATE, kind == .push ? 1 : 0), ("IPV6", ZMQ_IPV6, 0), ("MECHANISM", ZMQ_MECHANISM, 0),
        ]
        for (name, option, value) in expected {
            #expect(try self.value(option, of: socket, as: Int32.self) == value, "\(name)")
        }
        #expect(try value(ZMQ_MAXMSGSIZE, of: socket, as: Int64.self) == 64 << 20 + 64 << 10)
    }

    @Test func verdictsHaveTheirOwnMarks() throws {
        let socket = try Socket(.pub, context: Context(), options: .verdicts)
        #expect(try value(ZMQ_SNDHWM, of: socket, as: Int32.self) == 1000)
        #expect(try value(ZMQ_MAXMSGSIZE, of: socket, as: Int64.self) == 16 << 20)
    }

    @Test func anIPv6EndpointTurnsIPv6On() throws {
        let socket = try Socket(.push, context: Context(), options: .frames)
        try socket.connect("tcp://[::1]:7777")
        #expect(try value(ZMQ_IPV6, of: socket, as: Int32.self) == 1)
    }

    @Test func curveSetsRoleKeysAndTheDomainThatFailsClosed() throws {
        let context = try Context()
        let keys = try CurveKeyPair.generate()
        let gate = try AccessGate(context: context, allowList: AllowList())
        var options = SocketOptions.frames
        options.security = .curveServer(keys, gate: gate)
        let server = try Socket(.pull, context: context, options: options)
        #expect(try value(ZMQ_MECHANISM, of: server, as: Int32.self) == ZMQ_CURVE)
        #expect(try value(ZMQ_CURVE_SERVER, of: server, as: Int32.self) == 1)
        #expect(try text(ZMQ_ZAP_DOMAIN, of: server) == "scanward")
        #expect(try text(ZMQ_CURVE_SECRETKEY, of: server) == keys.secretKey.text)
        let client = try CurveKeyPair.generate()
        options.security = .curveClient(client, server: keys.publicKey)
        let socket = try Socket(.push, context: context, options: options)
        #expect(try value(ZMQ_CURVE_SERVER, of: socket, as: Int32.self) == 0)
        #expect(try text(ZMQ_CURVE_SERVERKEY, of: socket) == keys.publicKey.text)
        #expect(try text(ZMQ_CURVE_PUBLICKEY, of: socket) == client.publicKey.text)
        // A protected socket may be reached by others; one that only connects so may not listen for them.
        #expect(try server.bind("tcp://*:0").hasPrefix("tcp://0.0.0.0:"))
        #expect(throws: ZeroMQError.self) { try socket.bind("tcp://*:0") }
    }

    private func value<Value: FixedWidthInteger>(_ option: Int32, of socket: Socket, as: Value.Type) throws -> Value {
        try socket.withHandle { (handle) throws(ZeroMQError) in
            var value = Value.zero
            var size = MemoryLayout<Value>.size
            guard zmq_getsockopt(handle, option, &value, &size) == 0 else { throw .last("cannot read \(option)") }
            return value
        }
    }

    private func text(_ option: Int32, of socket: Socket) throws -> String {
        try socket.withHandle { (handle) throws(ZeroMQError) in
            var bytes = [UInt8](repeating: 0, count: 41)
            var size = bytes.count
            guard zmq_getsockopt(handle, option, &bytes, &size) == 0 else { throw .last("cannot read \(option)") }
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
