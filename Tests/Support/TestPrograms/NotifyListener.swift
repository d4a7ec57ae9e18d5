import Glibc
import Synchronization
import Threads

/// A service manager's end of sd_notify(3): a datagram socket, and what came to it.
package final class NotifyListener: Sendable {
    private struct Waiter {
        let condition: @Sendable (String) -> Bool
        let continuation: CheckedContinuation<String?, Never>
    }

    private struct State {
        var messages: [String] = []
        var waiters: [Waiter] = []
    }

    package struct NotMade: Error { package let errno: Int32 }

    private let state = Mutex(State())
    private let descriptor: Int32

    /// - Parameter path: where it listens, in the file system, or with `@` before it as an abstract name.
    package init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(2 + name.count + (name[0] == 0 ? 0 : 1))
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard status == 0 else { throw NotMade(errno: errno) }
        // Detached: a read that waits is ended by the descriptor's end, with the test's.
        _ = JoinableThread(name: "notify") { [self] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count >= 0 else { break }
                add(String(decoding: buffer[..<count], as: UTF8.self))
            }
        }
    }

    /// What came so far, in order.
    package var messages: [String] { state.withLock { $0.messages } }

    /// The first message from the `from`-th on that `condition` accepts, waiting until there is one.
    package func message(
        from: Int = 0, where condition: @escaping @Sendable (String) -> Bool
    ) async -> String? {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if let known = state.messages.dropFirst(from).first(where: condition) {
                    continuation.resume(returning: known)
                } else {
                    state.waiters.append(Waiter(condition: condition, continuation: continuation))
                }
            }
        }
    }

    private func add(_ message: String) {
        state.withLock { state in
            state.messages.append(message)
            state.waiters.removeAll { waiter in
                guard waiter.condition(message) else { return false }
                waiter.continuation.resume(returning: message)
                return true
            }
        }
    }
}
