import CZeroMQ
import Glibc

/// Why a socket operation failed, in a sentence that says what to do.
public struct ZeroMQError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure that callers tell apart.
    public enum Code: String, Sendable {
        case addressInUse, invalidEndpoint, noSuchAddress, permissionDenied, pathMissing
        /// A bind that other machines could reach, without encryption and without leave.
        case insecureBind
        /// The context was terminated: the process is stopping.
        case terminated
        case outOfResources, other
    }

    public let code: Code
    /// What was expected, what was found, where, and what to do.
    public let message: String
    /// libzmq's error number; 0 where the check is ours.
    public let systemError: Int32

    public init(code: Code, message: String, systemError: Int32 = 0) {
        self.code = code
        self.message = message
        self.systemError = systemError
    }

    public var description: String { message }

    /// What libzmq's last call of this thread failed with.
    static func last(_ operation: String) -> ZeroMQError {
        let number = zmq_errno()
        switch number {
        case contextTerminated, ENOTSOCK:
            return ZeroMQError(
                code: .terminated, message: "\(operation): the ZeroMQ context was terminated", systemError: number)
        case EMFILE, ENFILE, ENOMEM, ENOBUFS:
            return ZeroMQError(
                code: .outOfResources,
                message: "\(operation): \(text(number)); see `ulimit -n` and the process's open sockets",
                systemError: number)
        default:
            return ZeroMQError(code: .other, message: "\(operation): \(text(number))", systemError: number)
        }
    }

    /// What a bind or a connect failed with.
    static func last(_ verb: String, _ endpoint: String) -> ZeroMQError {
        let number = zmq_errno()
        func error(_ code: Code, _ message: String) -> ZeroMQError {
            ZeroMQError(code: code, message: message, systemError: number)
        }
        switch number {
        case EADDRINUSE:
            return error(
                .addressInUse,
                "\(endpoint) is in use by another process: choose another port, "
                    + "or find its owner with `ss -ltnp`")
        case EADDRNOTAVAIL, ENODEV:
            return error(
                .noSuchAddress,
                "cannot \(verb) \(endpoint): no network interface of this machine has that name or address; "
                    + "`ip address` lists them, tcp://127.0.0.1:PORT is this machine alone")
        case EACCES, EPERM:
            return error(
                .permissionDenied,
                "cannot \(verb) \(endpoint): permission denied; ports below 1024 need CAP_NET_BIND_SERVICE, "
                    + "an ipc path needs a directory that this user may write")
        case ENOENT, ENOTDIR:
            return error(
                .pathMissing, "cannot \(verb) \(endpoint): the directory of the ipc path does not exist; create it")
        case EINVAL, EPROTONOSUPPORT, ENAMETOOLONG, incompatibleProtocol:
            return error(.invalidEndpoint, "cannot \(verb) \(endpoint): \(Endpoint.expectation)")
        default:
            return last("cannot \(verb) \(endpoint)")
        }
    }

    private static func text(_ number: Int32) -> String { String(cString: zmq_strerror(number)) }

    private static let contextTerminated = ETERM
    private static let incompatibleProtocol = ENOCOMPATPROTO
}
