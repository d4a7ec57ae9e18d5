import Glibc

/// Raised once, to end whatever waits: a thread at a condition, or one in `poll`, to which it is a readable descriptor.
public final class StopSignal: Sendable {
    private let raised = Monitor(false)
    private let readEnd: Int32
    private let writeEnd: Int32

    public init() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            preconditionFailure("the system gave no pipe: \(String(cString: strerror(errno))) (see `ulimit -n`)")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Readable from the moment that the signal is raised; never read from it.
    package var descriptor: Int32 { readEnd }

    /// Whether `raise()` was called.
    public var isRaised: Bool { raised.withLock { $0 } }

    /// Raises the signal. Further calls do nothing.
    public func raise() {
        raised.withLock { raised in
            guard !raised else { return }
            raised = true
            var byte: UInt8 = 1
            // One byte in an empty pipe always fits; EINTR cannot come before the byte is written.
            _ = write(writeEnd, &byte, 1)
        }
    }

    /// Waits for the signal, or until `deadline` in monotonic nanoseconds; nil waits for ever.
    ///
    /// - Returns: whether the signal is raised.
    @discardableResult
    public func wait(until deadline: UInt64?) -> Bool {
        raised.wait(until: deadline) { $0 ? true : nil } ?? false
    }
}
