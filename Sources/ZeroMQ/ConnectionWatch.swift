import CZeroMQ
import Glibc
import Synchronization
import Threads

/// Counts who connects to a socket, so that "nothing arrives" can be told from "nobody is there".
///
/// Made by `Socket.watchConnections()`. Its thread ends when the socket is closed.
public final class ConnectionWatch: Sendable {
    /// What happened to a socket's connections since it was watched.
    public struct Counts: Sendable, Equatable {
        /// Connections that were opened, by peers or to them.
        public var opened = 0
        /// Those of them that spoke ZeroMQ to the end of the greeting.
        public var greeted = 0
        /// Those that did not: another protocol, another mechanism (CURVE on one side only), or silence.
        public var refused = 0
        /// Connections that ended, the refused ones included.
        public var closed = 0
        /// Attempts to connect that will be made again: nobody listens.
        public var retried = 0
        /// Reason of the last refusal.
        public var lastRefusal: String?

        /// Connections that are open now, one that is still greeting included.
        public var current: Int { max(0, opened - closed) }
    }

    private let counts = Mutex(Counts())

    public var snapshot: Counts { counts.withLock { $0 } }

    /// Takes note of one event of `zmq_socket_monitor`.
    func record(_ event: Int32, value: UInt32) {
        counts.withLock { counts in
            switch event {
            case ZMQ_EVENT_ACCEPTED, ZMQ_EVENT_CONNECTED: counts.opened += 1
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: counts.greeted += 1
            case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL,
                ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
                counts.refused += 1
                counts.lastRefusal = Self.refusal(event, value: value)
            case ZMQ_EVENT_DISCONNECTED: counts.closed += 1
            case ZMQ_EVENT_CONNECT_RETRIED: counts.retried += 1
            default: break
            }
        }
    }

    private static func refusal(_ event: Int32, value: UInt32) -> String {
        if event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL {
            return Int32(bitPattern: value) == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
                ? "the peer wants another security mechanism (CURVE on one side only?)"
                : "the peer breaks the ZeroMQ protocol (code \(String(value, radix: 16)))"
        }
        if event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH { return "the peer was not admitted" }
        return "the peer does not greet as ZeroMQ does: another protocol, or a port scan"
    }
}

extension Socket {
    /// Begins to count the socket's connections. Call it once, before `bind` or `connect`.
    public func watchConnections() throws(ZeroMQError) -> ConnectionWatch {
        let watch = ConnectionWatch()
        let name = "inproc://connections-\(Self.watchNumber.wrappingAdd(1, ordering: .relaxed).newValue)"
        let reader = try Reader(handle: context.makeSocket(type: ZMQ_PAIR))
        do throws(ZeroMQError) {
            try withHandle { (handle) throws(ZeroMQError) in
                guard zmq_socket_monitor(handle, name, ZMQ_EVENT_ALL) == 0,
                    zmq_connect(reader.handle, name) == 0
                else { throw .last("cannot watch connections") }
            }
        } catch {
            zmq_close(reader.handle)
            throw error
        }
        // Nobody joins it: it ends with the socket, or with the context.
        _ = JoinableThread(name: "connections") {
            while let (event, value) = reader.next() {
                watch.record(event, value: value)
                if event == ZMQ_EVENT_MONITOR_STOPPED { break }
            }
            zmq_close(reader.handle)
        }
        return watch
    }

    private static let watchNumber = Atomic<Int>(0)
}

/// The end of the monitor's inproc pair that its thread reads; handed over once, when the thread starts.
private struct Reader: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer

    /// The next event: two parts, of which the first is a 16-bit event and a 32-bit value in native order.
    func next() -> (event: Int32, value: UInt32)? {
        var head = [UInt8](repeating: 0, count: 6)
        guard receive(into: &head) else { return nil }
        var address = [UInt8](repeating: 0, count: 256)
        guard receive(into: &address) else { return nil }
        return head.withUnsafeBytes {
            (Int32($0.loadUnaligned(as: UInt16.self)), $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
        }
    }

    private func receive(into buffer: inout [UInt8]) -> Bool {
        while true {
            if zmq_recv(handle, &buffer, buffer.count, 0) >= 0 { return true }
            guard zmq_errno() == EINTR else { return false }
        }
    }
}
