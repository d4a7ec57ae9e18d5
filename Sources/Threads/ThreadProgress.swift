import Synchronization

/// Whether a thread still goes round its loop: what a watchdog looks at.
///
/// The thread takes a step each time that it goes round, and at least once in `longestWait` while it has nothing to do: an
/// idle thread moves, and one that hangs does not, whatever it was doing.
public final class ThreadProgress: Sendable {
    /// For people: the thread's name.
    public let name: String
    private let count = Atomic<UInt64>(0)
    private let excuses = Atomic<Int>(0)
    private let ended = Atomic(false)

    /// The longest that an idle thread waits before its next step.
    public static let longestWait = Duration.milliseconds(250)

    public init(_ name: String) { self.name = name }

    /// Steps so far.
    public var steps: UInt64 { count.load(ordering: .relaxed) }

    /// Whether the thread need not move now: it has ended, or it waits for something that takes its own time.
    public var isExcused: Bool { excuses.load(ordering: .relaxed) > 0 }

    public func step() { count.wrappingAdd(1, ordering: .relaxed) }

    /// The thread goes its round no more.
    public func end() {
        ended.store(true, ordering: .relaxed)
        excuses.wrappingAdd(1, ordering: .relaxed)
    }

    /// Whether the thread goes its round no more.
    public var hasEnded: Bool { ended.load(ordering: .relaxed) }

    /// Waits for what takes its own time, as a recording that is played at its pace.
    public func excused<Result>(_ wait: () -> Result) -> Result {
        excuses.wrappingAdd(1, ordering: .relaxed)
        defer {
            step()
            excuses.wrappingSubtract(1, ordering: .relaxed)
        }
        return wait()
    }

    /// Calls `wait` again and again, each time with a deadline at most `longestWait` away, until it returns a value.
    ///
    /// - Parameter deadline: monotonic ns; nil for never.
    /// - Returns: nil after the deadline.
    func waiting<Result>(until deadline: UInt64?, _ wait: (_ deadline: UInt64) -> Result?) -> Result? {
        while true {
            step()
            let next = min(deadline ?? .max, SystemClock().after(Self.longestWait))
            if let result = wait(next) {
                step()
                return result
            }
            if next == deadline { return nil }
        }
    }
}

extension BoundedQueue {
    /// As `send(_:deadline:)`, moving on while it waits.
    @discardableResult
    public func send(_ element: Element, deadline: UInt64? = nil, noting progress: ThreadProgress) -> QueueAdmission {
        progress.waiting(until: deadline) { next -> QueueAdmission? in
            let admission = send(element, deadline: next)
            return admission == .timedOut ? nil : admission
        } ?? .timedOut
    }

    /// As `receive(deadline:)`, moving on while it waits.
    public func receive(deadline: UInt64? = nil, noting progress: ThreadProgress) -> QueueDelivery<Element> {
        progress.waiting(until: deadline) { next -> QueueDelivery<Element>? in
            let delivery = receive(deadline: next)
            if case .timedOut = delivery { return nil }
            return delivery
        } ?? .timedOut
    }
}
