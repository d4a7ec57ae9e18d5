/// What became of an element given to a `BoundedQueue`.
public enum QueueAdmission: Sendable, Equatable {
    case accepted
    /// The queue stayed full until the deadline; the element was not taken.
    case timedOut
    /// The queue is closed; the element was not taken.
    case closed
}

/// What a `BoundedQueue`, or a source that works like one, gave.
public enum QueueDelivery<Element> {
    case element(Element)
    /// Nothing came before the deadline.
    case timedOut
    /// Nothing will come any more.
    case closed

    /// The element, if there is one.
    public var element: Element? {
        guard case .element(let element) = self else { return nil }
        return element
    }
}

extension QueueDelivery: Sendable where Element: Sendable {}
extension QueueDelivery: Equatable where Element: Equatable {}

/// How a `BoundedQueue` is used: the difference between a scanner that is slow and a scorer that is.
public struct QueueStatistics: Sendable, Equatable {
    /// Elements in the queue now.
    public var depth = 0
    /// Sum of the cost of the elements in the queue now.
    public var cost = 0
    /// Most elements that were ever in the queue at once.
    public var highWaterMark = 0
    /// Elements taken in, and handed out.
    public var sent = 0, received = 0
    /// Elements dropped by `close(discarding: true)`.
    public var discarded = 0
    /// How many times a producer found the queue full, and a consumer found it empty, and waited.
    public var sendWaits = 0, receiveWaits = 0

    public init() {}
}
