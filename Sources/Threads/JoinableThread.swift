import Glibc
import Synchronization

/// A thread of its own for work that blocks, which can be waited for.
///
/// Swift's tasks share few threads and must not block in `poll`. Signals sent to the process are left to its other
/// threads.
public final class JoinableThread: Sendable {
    private let handle: Mutex<pthread_t?>

    /// Starts `body` on a new thread.
    ///
    /// - Parameter name: at most 15 bytes are shown, by `top -H` for example.
    public init(name: String, _ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            preconditionFailure("the system gave no thread for \(name): \(String(cString: strerror(code)))")
        }
        handle = Mutex(thread)
    }

    deinit {
        handle.withLock { thread in
            if let thread { pthread_detach(thread) }
        }
    }

    /// Waits until the thread's body has returned; returns at once when called again, or from the thread itself.
    public func join() {
        handle.withLock { thread in
            guard let running = thread, pthread_equal(running, pthread_self()) == 0 else { return }
            pthread_join(running, nil)
            thread = nil
        }
    }
}

private final class ThreadStart {
    private let name: String
    private let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }

    func run() {
        setName()
        var blocked = sigset_t()
        sigfillset(&blocked)
        // A fault of the thread itself must still reach the handler that prints where it was.
        for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&blocked, fault) }
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
        body()
    }

    /// Swift's import of Glibc leaves out `pthread_setname_np`; this file does the same. Only for whoever looks.
    private func setName() {
        let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        let bytes = Array(name.utf8.prefix(15))
        _ = write(descriptor, bytes, bytes.count)
        close(descriptor)
    }
}
