/// What a service tells its manager, in the notation of sd_notify(3): lines of `NAME=value`.
public struct ServiceState: Sendable, Equatable {
    /// The text of one datagram.
    public let text: String

    private init(_ text: String) { self.text = text }

    /// It serves; also the end of a reload.
    public static func ready(status: String) -> ServiceState {
        ServiceState("READY=1\n" + Self.status(status).text)
    }

    /// It reads its configuration anew.
    ///
    /// - Parameter monotonicNanoseconds: CLOCK_MONOTONIC now; the manager tells this reload from an earlier one by it.
    public static func reloading(monotonicNanoseconds: UInt64) -> ServiceState {
        ServiceState("RELOADING=1\nMONOTONIC_USEC=\(monotonicNanoseconds / 1000)")
    }

    /// It is ending.
    public static let stopping = ServiceState("STOPPING=1")

    /// It still makes progress.
    public static let watchdog = ServiceState("WATCHDOG=1")

    /// One line for `systemctl status`.
    public static func status(_ line: String) -> ServiceState {
        ServiceState("STATUS=" + String(line.map { $0.isNewline ? " " : $0 }))
    }
}
