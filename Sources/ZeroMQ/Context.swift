import CZeroMQ
import Glibc
import Synchronization

/// libzmq's context: its I/O thread and the sockets on it. A process has one, made by its composition root.
public final class Context: Sendable {
    private let handle: Mutex<Handle>

    private struct Handle: @unchecked Sendable {
        var pointer: UnsafeMutableRawPointer?
    }

    /// - Parameter ioThreads: one moves about 1 GB/s.
    public init(ioThreads: Int = 1) throws(ZeroMQError) {
        guard let pointer = zmq_ctx_new() else { throw .last("cannot make a ZeroMQ context") }
        zmq_ctx_set(pointer, ZMQ_IO_THREADS, Int32(clamping: max(1, ioThreads)))
        handle = Mutex(Handle(pointer: pointer))
    }

    deinit { terminate() }

    /// Makes every socket's pending and later operations fail with `.terminated`, without waiting.
    public func shutdown() {
        handle.withLock { handle in
            if let pointer = handle.pointer { zmq_ctx_shutdown(pointer) }
        }
    }

    /// Waits until every socket is closed and what lingers in them is sent, or their linger time is over.
    ///
    /// Sockets still open get `.terminated`, and their threads must close them: the caller may own none that is open.
    /// Called at the end of a process, so that its last messages leave it. Further calls do nothing.
    public func terminate() {
        let pointer = handle.withLock { handle in
            defer { handle.pointer = nil }
            return handle.pointer
        }
        guard let pointer else { return }
        zmq_ctx_shutdown(pointer)
        while zmq_ctx_term(pointer) != 0 && zmq_errno() == EINTR {}
    }

    func makeSocket(type: Int32) throws(ZeroMQError) -> UnsafeMutableRawPointer {
        let made = handle.withLock { handle in
            handle.pointer.map { Handle(pointer: zmq_socket($0, type)) }
        }
        guard let made else {
            throw ZeroMQError(code: .terminated, message: "cannot make a socket: the ZeroMQ context was terminated")
        }
        guard let socket = made.pointer else { throw .last("cannot make a socket") }
        return socket
    }
}
