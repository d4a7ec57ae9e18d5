import CPcap
import Glibc
import Threads

/// How a capture is read that another program is still writing.
public struct CaptureFollowing: Sendable {
    /// Ends the reading when nothing was added for so long; nil waits until it is stopped.
    public var idle: Duration?
    /// How often a file is looked at again.
    public var interval = Duration.milliseconds(50)

    public init(idle: Duration? = nil) { self.idle = idle }
}

/// What libpcap reads captures from: a file or pipe, whose reading ends when it is told to stop, and which for a file
/// that grows goes on at its end as soon as there is more.
final class GrowingFile {
    private let descriptor: Int32
    private let isRegular: Bool
    private let following: CaptureFollowing?
    private let clock: any MonotonicClock
    private let stop: StopSignal

    /// Takes the descriptor over.
    init(_ descriptor: Int32, following: CaptureFollowing?, clock: any MonotonicClock, unless stop: StopSignal) {
        self.descriptor = descriptor
        self.following = following
        self.clock = clock
        self.stop = stop
        var status = stat()
        isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    deinit { close(descriptor) }

    /// The same as a C stream, which owns it from then on; nil when memory is short.
    func stream() -> UnsafeMutablePointer<FILE>? {
        let functions = scanward_cookie_functions(
            read: { cookie, buffer, size in
                guard let cookie else { return -1 }
                return Unmanaged<GrowingFile>.fromOpaque(cookie).takeUnretainedValue().read(into: buffer, size)
            }, write: nil, seek: nil,
            close: { cookie in
                if let cookie { Unmanaged<GrowingFile>.fromOpaque(cookie).release() }
                return 0
            })
        let cookie = Unmanaged.passRetained(self)
        guard let file = scanward_fopencookie(cookie.toOpaque(), "rb", functions) else {
            cookie.release()
            return nil
        }
        return file
    }

    /// As read(2); 0 too when it is told to stop, or when it was idle for too long.
    private func read(into buffer: UnsafeMutablePointer<CChar>, _ size: Int) -> Int {
        let idle = following?.idle.map { clock.after($0) }
        while true {
            guard isRegular || waitForInput(until: idle) else { return 0 }
            guard !stop.isRaised else { return 0 }
            let count = Glibc.read(descriptor, buffer, size)
            if count > 0 { return count }
            if count < 0 {
                if errno == EINTR { continue }
                return -1
            }
            // A pipe that is closed at its other end does not grow any more.
            guard isRegular, let following, idle.map({ clock.now < $0 }) ?? true else { return 0 }
            guard clock.wait(until: clock.after(following.interval), unless: stop) else { return 0 }
        }
    }

    /// Waits until a pipe has something to say; false when it is stopped or idle first.
    private func waitForInput(until deadline: UInt64?) -> Bool {
        var polled = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let now = clock.now
            if let deadline, now >= deadline { return false }
            let milliseconds = deadline.map { Int32(clamping: ($0 - now) / 1_000_000 + 1) } ?? -1
            let ready = poll(&polled, nfds_t(polled.count), milliseconds)
            if ready < 0, errno != EINTR { return true }
            if polled[1].revents != 0 { return false }
            if ready > 0 { return true }
        }
    }
}
