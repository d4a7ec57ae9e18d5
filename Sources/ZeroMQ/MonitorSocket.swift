import CZeroMQ
import Glibc
import Synchronization

/// The end of a socket monitor's inproc pair that is read; handed over once, to the watch's thread.
struct MonitorSocket: @unchecked Sendable {
    /// One of `ZMQ_EVENT_...`.
    struct Event: Sendable, Equatable {
        let number: Int32
        /// What it is depends on the event: a descriptor, an error's number, a protocol error, a status.
        let value: UInt32
        /// The socket's own endpoint where it listens, the peer's where it connects.
        let endpoint: String
    }

    enum Delivery: Sendable, Equatable {
        case event(Event)
        case quiet
        /// The socket is closed, or the context has ended.
        case ended
    }

    private let handle: UnsafeMutableRawPointer
    private static let number = Atomic<Int>(0)

    init(watching socket: Socket) throws(ZeroMQError) {
        let name = "inproc://connections-\(Self.number.wrappingAdd(1, ordering: .relaxed).newValue)"
        let reader = try socket.context.makeSocket(type: ZMQ_PAIR)
        handle = reader
        do throws(ZeroMQError) {
            try socket.withHandle { (watched) throws(ZeroMQError) in
                guard zmq_socket_monitor(watched, name, ZMQ_EVENT_ALL) == 0, zmq_connect(reader, name) == 0
                else { throw .last("cannot watch connections") }
            }
        } catch {
            zmq_close(reader)
            throw error
        }
    }

    func close() { zmq_close(handle) }

    /// The next event, waiting at most so long; -1 for ever.
    ///
    /// Two parts, of which the first is a 16-bit event and a 32-bit value in native order (zmq_socket_monitor(3)).
    func next(milliseconds: Int) -> Delivery {
        var item = zmq_pollitem_t(socket: handle, fd: -1, events: Int16(ZMQ_POLLIN), revents: 0)
        let ready = zmq_poll(&item, 1, milliseconds)
        if ready < 0 { return zmq_errno() == EINTR ? .quiet : .ended }
        guard ready > 0 else { return .quiet }
        var head = [UInt8](repeating: 0, count: 6)
        var address = [UInt8](repeating: 0, count: 256)
        guard receive(into: &head) != nil, let length = receive(into: &address) else { return .ended }
        let event = head.withUnsafeBytes {
            Event(
                number: Int32($0.loadUnaligned(as: UInt16.self)),
                value: $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self),
                endpoint: String(decoding: address.prefix(min(length, 256)), as: UTF8.self))
        }
        return event.number == ZMQ_EVENT_MONITOR_STOPPED ? .ended : .event(event)
    }

    private func receive(into buffer: inout [UInt8]) -> Int? {
        while true {
            let count = zmq_recv(handle, &buffer, buffer.count, 0)
            if count >= 0 { return Int(count) }
            guard zmq_errno() == EINTR else { return nil }
        }
    }
}
