import CZeroMQ
import Glibc
public import Threads

extension Socket {
    /// Sends one message, waiting while the socket is full or has no peer (PUSH).
    ///
    /// - Parameters:
    ///   - parts: at least one; copied.
    ///   - deadline: monotonic nanoseconds, nil for ever.
    ///   - stop: ends the wait.
    /// - Returns: whether the message was taken whole; never true of a part of it.
    public func send(
        _ parts: [[UInt8]], deadline: UInt64? = nil, unless stop: StopSignal? = nil
    ) throws(ZeroMQError) -> Bool {
        precondition(!parts.isEmpty, "a message has at least one part")
        return try withHandle { (handle) throws(ZeroMQError) in
            while true {
                if stop?.isRaised ?? false { return false }
                if try sendWhole(parts, handle) { return true }
                guard try poll(handle, for: ZMQ_POLLOUT, until: deadline, unless: stop) else { return false }
            }
        }
    }

    /// Receives one message, waiting until there is one.
    ///
    /// - Parameters:
    ///   - deadline: monotonic nanoseconds, nil for ever.
    ///   - stop: ends the wait.
    /// - Returns: the parts within the limits of `options` (see `discarded`), or nil after the deadline or the signal.
    public func receive(
        deadline: UInt64? = nil, unless stop: StopSignal? = nil
    ) throws(ZeroMQError) -> [[UInt8]]? {
        try withHandle { (handle) throws(ZeroMQError) in
            while true {
                if stop?.isRaised ?? false { return nil }
                if let parts = try receiveWhole(handle) { return parts }
                guard try poll(handle, for: ZMQ_POLLIN, until: deadline, unless: stop) else { return nil }
            }
        }
    }

    /// Sends without waiting; false if the socket is full.
    private func sendWhole(_ parts: [[UInt8]], _ handle: UnsafeMutableRawPointer) throws(ZeroMQError) -> Bool {
        var refused = false
        for index in parts.indices {
            let flags = index < parts.count - 1 ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT
            var code: Int32
            repeat {
                code = zmq_send(handle, parts[index], parts[index].count, flags)
            } while code < 0 && zmq_errno() == EINTR
            guard code < 0 else { continue }
            guard zmq_errno() == EAGAIN else { throw .last("cannot send") }
            // Full at the first part: nothing was sent. Later it means that the peer went away in between: libzmq
            // then swallows the rest of the message, so it gets the rest, and the message is sent anew.
            if index == 0 { return false }
            refused = true
        }
        return !refused
    }

    /// Receives without waiting; nil if there is no message. libzmq hands over whole messages only.
    private func receiveWhole(_ handle: UnsafeMutableRawPointer) throws(ZeroMQError) -> [[UInt8]]? {
        var parts: [[UInt8]] = []
        var size = 0, lost = Discarded()
        var message = zmq_msg_t()
        let failure: ZeroMQError? = withUnsafeMutablePointer(to: &message) { message in
            zmq_msg_init(message)
            defer { zmq_msg_close(message) }
            var more = true
            while more {
                var code: Int32
                repeat { code = zmq_msg_recv(message, handle, ZMQ_DONTWAIT) } while code < 0 && zmq_errno() == EINTR
                if code < 0 { return .last("cannot receive") }
                if parts.isEmpty && lost.parts == 0 { lastOrigin = Self.origin(of: message) }
                more = zmq_msg_more(message) != 0
                let count = zmq_msg_size(message)
                guard lost.parts == 0, parts.count < options.maximumParts,
                    count <= options.maximumMessageSize - size
                else {
                    lost.parts += 1
                    lost.bytes += count
                    continue
                }
                size += count
                parts.append(
                    Array(UnsafeRawBufferPointer(start: zmq_msg_data(message), count: count)))
            }
            return nil
        }
        if let failure {
            if failure.systemError == EAGAIN && parts.isEmpty && lost.parts == 0 { return nil }
            throw failure
        }
        if lost.parts > 0 {
            lost.messages = 1
            discarded.messages += 1
            discarded.parts += lost.parts
            discarded.bytes += lost.bytes
        }
        lastDiscarded = lost
        return parts
    }

    private static func origin(of message: UnsafeMutablePointer<zmq_msg_t>) -> Origin {
        Origin(
            connection: zmq_msg_get(message, ZMQ_SRCFD),
            user: zmq_msg_gets(message, "User-Id").map { String(cString: $0) }
        )
    }

    /// Waits until the socket is ready; false after the deadline or the signal.
    private func poll(
        _ handle: UnsafeMutableRawPointer, for events: Int32, until deadline: UInt64?, unless stop: StopSignal?
    ) throws(ZeroMQError) -> Bool {
        var items = [zmq_pollitem_t(socket: handle, fd: -1, events: Int16(events), revents: 0)]
        if let stop {
            items.append(zmq_pollitem_t(socket: nil, fd: stop.descriptor, events: Int16(ZMQ_POLLIN), revents: 0))
        }
        while true {
            var milliseconds = -1
            if let deadline {
                let now = SystemClock().now
                guard now < deadline else { return false }
                milliseconds = Int(min((deadline - now + 999_999) / 1_000_000, UInt64(Int32.max)))
            }
            let ready = zmq_poll(&items, Int32(items.count), milliseconds)
            if ready < 0 {
                if zmq_errno() == EINTR { continue }
                throw .last("cannot wait for a socket")
            }
            if items.count > 1 && items[1].revents != 0 { return false }
            if items[0].revents != 0 { return true }
        }
    }
}
