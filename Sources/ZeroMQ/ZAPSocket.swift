import CZeroMQ
import Glibc
import Threads

/// A request of libzmq's to its authenticator (ZeroMQ RFC 27): version, request id, domain, address, identity, mechanism,
/// credentials.
struct ZAPRequest: Sendable, Equatable {
    let id: [UInt8]
    let domain: String
    let address: String
    let mechanism: String
    /// The client's long-term key, where the mechanism is CURVE.
    let curveKey: CurveKey?

    /// nil unless `parts` is a request of version 1.0.
    init?(_ parts: [[UInt8]]) {
        guard parts.count >= 6, parts[0] == Array("1.0".utf8) else { return nil }
        id = parts[1]
        domain = String(decoding: parts[2], as: UTF8.self)
        address = String(decoding: parts[3], as: UTF8.self)
        mechanism = String(decoding: parts[5], as: UTF8.self)
        curveKey = mechanism == "CURVE" && parts.count == 7 ? CurveKey(bytes: parts[6]) : nil
    }

    /// The answer: status 200 with the name as user id, or 400.
    func reply(admitting name: String?) -> [[UInt8]] {
        let words = name.map { ["200", "OK", $0] } ?? ["400", "this key is not on the allow-list", ""]
        return [Array("1.0".utf8), id] + words.map { Array($0.utf8) } + [[]]
    }
}

/// The socket that libzmq asks. Belongs to one thread from `answer` on.
struct ZAPSocket: @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer

    init(context: Context) throws(ZeroMQError) {
        handle = try context.makeSocket(type: ZMQ_REP)
        var linger: Int32 = 0
        zmq_setsockopt(handle, ZMQ_LINGER, &linger, MemoryLayout<Int32>.size)
        guard zmq_bind(handle, "inproc://zeromq.zap.01") == 0 else {
            let error = ZeroMQError.last("cannot answer for access (a context has one gate)")
            zmq_close(handle)
            throw error
        }
    }

    /// Answers each request with what `decide` says, until the signal or the end of the context, and closes the socket.
    /// Each second without a request `decide` is asked about nothing.
    func answer(unless stop: StopSignal, _ decide: (ZAPRequest?) -> String?) {
        defer { zmq_close(handle) }
        var items = [
            zmq_pollitem_t(socket: handle, fd: -1, events: Int16(ZMQ_POLLIN), revents: 0),
            zmq_pollitem_t(socket: nil, fd: stop.descriptor, events: Int16(ZMQ_POLLIN), revents: 0),
        ]
        while !stop.isRaised {
            let ready = zmq_poll(&items, Int32(items.count), 1000)
            if ready < 0 {
                guard zmq_errno() == EINTR else { return }
            } else if items[0].revents != 0 {
                guard let parts = receive() else { return }
                // An answer that cannot be read admits nobody: what is no request gets one too, as REP must answer.
                let request = ZAPRequest(parts)
                let reply = request.map { $0.reply(admitting: decide($0)) } ?? [[]]
                guard send(reply) else { return }
            } else if ready == 0 {
                _ = decide(nil)
            }
        }
    }

    /// One message; nil when the context has ended.
    private func receive() -> [[UInt8]]? {
        var parts: [[UInt8]] = []
        var message = zmq_msg_t()
        return withUnsafeMutablePointer(to: &message) { message in
            zmq_msg_init(message)
            defer { zmq_msg_close(message) }
            repeat {
                while zmq_msg_recv(message, handle, 0) < 0 {
                    guard zmq_errno() == EINTR else { return nil }
                }
                parts.append(Array(UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))))
            } while zmq_msg_more(message) != 0
            return parts
        }
    }

    private func send(_ parts: [[UInt8]]) -> Bool {
        for index in parts.indices {
            let flags = index < parts.count - 1 ? ZMQ_SNDMORE : 0
            while zmq_send(handle, parts[index], parts[index].count, flags) < 0 {
                guard zmq_errno() == EINTR else { return false }
            }
        }
        return true
    }
}
