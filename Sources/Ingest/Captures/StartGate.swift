import Glibc
import Threads

/// Holds a replay before its first frame until it is told to go on.
public final class StartGate: Sendable {
    private let opened = StopSignal()

    public init() {}

    /// Lets the replay begin; further calls do nothing.
    public func open() { opened.raise() }

    /// Waits until the gate is opened.
    ///
    /// - Returns: false when `stop` was raised before.
    func wait(unless stop: StopSignal) -> Bool {
        var ends = [opened, stop].map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        while !opened.isRaised && !stop.isRaised {
            guard poll(&ends, nfds_t(ends.count), -1) >= 0 || errno == EINTR else { break }
        }
        return !stop.isRaised
    }
}
