import Glibc

/// The datagram socket on which a service manager listens: the protocol of sd_notify(3), spoken directly, as it is a few
/// lines and libsystemd is not.
public final class NotifySocket: Sendable {
    /// Why nothing is told any more.
    public struct Failure: Error, Sendable {
        /// A sentence.
        public let message: String
    }

    /// How long the manager waits for a sign of progress; nil if it does not.
    public let watchdogInterval: Duration?

    private let descriptor: Int32
    private let address: sockaddr_un
    private let addressLength: socklen_t
    private let path: String

    /// - Parameter environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are read.
    /// - Returns: nil where no manager asked to be told.
    public convenience init?(environment: [String: String]) throws(Failure) {
        guard let path = environment["NOTIFY_SOCKET"], !path.isEmpty else { return nil }
        var interval: Duration?
        // Meant for us, and not for a process that started us.
        if let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text), microseconds > 0,
            environment["WATCHDOG_PID"].map({ $0 == String(getpid()) }) ?? true
        {
            interval = .microseconds(microseconds)
        }
        try self.init(path: path, watchdogInterval: interval)
    }

    /// - Parameter path: a socket of the file system, or with `@` before it an abstract one.
    public init(path: String, watchdogInterval: Duration?) throws(Failure) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        var name = Array(path.utf8)
        guard name.first == UInt8(ascii: "/") || name.first == UInt8(ascii: "@"), name.count < capacity else {
            throw Failure(
                message:
                    "NOTIFY_SOCKET: expected a path of at most \(capacity - 1) bytes that begins with / or @, found "
                    + "\"\(path)\"")
        }
        let isAbstract = name[0] == UInt8(ascii: "@")
        if isAbstract { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let offset = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw Failure(message: "NOTIFY_SOCKET: the system gave no socket: \(String(cString: strerror(errno)))")
        }
        self.address = address
        // An abstract name has no end mark; all of its bytes count.
        addressLength = socklen_t(offset + name.count + (isAbstract ? 0 : 1))
        self.path = path
        self.watchdogInterval = watchdogInterval
    }

    deinit { close(descriptor) }

    /// Sends `state`. Waits while the manager's queue is full, as sd_notify does.
    public func notify(_ state: ServiceState) throws(Failure) {
        let bytes = Array(state.text.utf8)
        var address = address
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { socketAddress in
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), socketAddress, addressLength)
            }
        }
        guard sent == bytes.count else {
            throw Failure(
                message: "the service manager cannot be told \"\(state.text.prefix(40))\" at \(path): "
                    + String(cString: strerror(errno)))
        }
    }
}
