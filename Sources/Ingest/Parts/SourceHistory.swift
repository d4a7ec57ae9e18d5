/// What a `PartAssembler` remembers of a source: its sessions, and its parts that were closed lately. Bounded.
struct SourceHistory: Sendable {
    /// Sessions seen, oldest first.
    private(set) var sessions: [String] = []
    private var closed: [String: ClosedPart] = [:]
    private var order: [String] = []
    private let capacity: Int
    private static let sessionCapacity = 16

    /// A part that was closed.
    struct ClosedPart: Sendable {
        let attempt: Int
        let session: String
        let highestSequence: UInt64?
        let wasEnded: Bool
    }

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// The latest closed part of that id.
    subscript(partID: String) -> ClosedPart? { closed[partID] }

    /// Notes the session of a frame; true if it is new while there was another.
    mutating func noteSession(_ session: String) -> Bool {
        guard !sessions.contains(session) else { return false }
        sessions.append(session)
        if sessions.count > Self.sessionCapacity { sessions.removeFirst() }
        return sessions.count > 1
    }

    /// - Complexity: O(capacity).
    mutating func noteClosed(_ partID: String, _ part: ClosedPart) {
        if closed.updateValue(part, forKey: partID) != nil {
            order.removeAll { $0 == partID }
        } else if order.count == capacity {
            closed[order.removeFirst()] = nil
        }
        order.append(partID)
    }
}
