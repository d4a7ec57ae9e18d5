/// A first-in, first-out queue between threads that never holds more than it was made for.
///
/// A full queue makes its producers wait: that is how a slow scorer holds back a scanner. Any number of producers and
/// consumers. After `close()` nothing more goes in, and what is in still comes out.
public final class BoundedQueue<Element: Sendable>: Sendable {
    private let monitor: Monitor<Contents>
    private let cost: @Sendable (Element) -> Int
    /// Most elements held at once.
    public let capacity: Int
    /// Most cost held at once; a single element over it is taken when the queue is empty.
    public let costLimit: Int

    /// - Parameters:
    ///   - capacity: most elements, at least 1.
    ///   - costLimit: most of the sum of `cost`, for elements of very different sizes.
    ///   - cost: of one element, for example its bytes; must give the same number each time.
    public init(
        capacity: Int, costLimit: Int = .max, cost: @escaping @Sendable (Element) -> Int = { _ in 0 }
    ) {
        precondition(capacity > 0, "a queue of no elements would let nothing through")
        self.capacity = capacity
        self.costLimit = costLimit
        self.cost = cost
        self.monitor = Monitor(Contents(ring: Array(repeating: nil, count: capacity)))
    }

    /// Puts `element` at the end, waiting while the queue is full.
    ///
    /// - Parameter deadline: monotonic nanoseconds, nil for ever.
    /// - Complexity: O(1).
    @discardableResult
    public func send(_ element: Element, deadline: UInt64? = nil) -> QueueAdmission {
        let elementCost = max(0, cost(element))
        var waited = false
        return monitor.wait(until: deadline) { contents -> QueueAdmission? in
            if contents.closed { return .closed }
            let fits = contents.count == 0 || contents.cost <= self.costLimit - elementCost
            guard contents.count < self.capacity, fits else {
                if !waited { contents.statistics.sendWaits += 1 }
                waited = true
                return nil
            }
            contents.append(element, cost: elementCost)
            return .accepted
        } ?? .timedOut
    }

    /// Takes the element at the front, waiting while the queue is empty.
    ///
    /// - Parameter deadline: monotonic nanoseconds, nil for ever.
    /// - Complexity: O(1).
    public func receive(deadline: UInt64? = nil) -> QueueDelivery<Element> {
        var waited = false
        return monitor.wait(until: deadline) { contents -> QueueDelivery<Element>? in
            if let element = contents.removeFirst(cost: self.cost) { return .element(element) }
            if contents.closed { return .closed }
            if !waited { contents.statistics.receiveWaits += 1 }
            waited = true
            return nil
        } ?? .timedOut
    }

    /// Lets nothing more in. Waiting producers return `.closed`; consumers first get what is left.
    ///
    /// - Parameter discarding: also drops what is left, and counts it.
    public func close(discarding: Bool = false) {
        monitor.withLock { contents in
            contents.closed = true
            guard discarding else { return }
            while contents.removeFirst(cost: self.cost) != nil {
                contents.statistics.received -= 1
                contents.statistics.discarded += 1
            }
        }
    }

    /// Whether nothing more goes in.
    public var isClosed: Bool { monitor.withLock { $0.closed } }

    /// Counts since the queue was made.
    public var statistics: QueueStatistics {
        monitor.withLock { contents in
            var statistics = contents.statistics
            statistics.depth = contents.count
            statistics.cost = contents.cost
            return statistics
        }
    }

    private struct Contents: Sendable {
        var ring: [Element?]
        var head = 0
        var count = 0
        var cost = 0
        var closed = false
        var statistics = QueueStatistics()

        mutating func append(_ element: Element, cost elementCost: Int) {
            ring[(head + count) % ring.count] = element
            count += 1
            cost += elementCost
            statistics.sent += 1
            statistics.highWaterMark = max(statistics.highWaterMark, count)
        }

        mutating func removeFirst(cost measure: (Element) -> Int) -> Element? {
            guard count > 0, let element = ring[head] else { return nil }
            ring[head] = nil
            head = (head + 1) % ring.count
            count -= 1
            cost -= max(0, measure(element))
            statistics.received += 1
            return element
        }
    }
}
