/// What a line handed to the pool and has no verdict on yet: what to send, what to look after, what to give up.
///
/// A state machine without clock, disk or network: every call is told the time, and answers what is to be done. Each part in it
/// lies in the spool, so that neither the server nor this process need remember it: the queue's acknowledgement may come before
/// its fsync.
public struct Outbox: Sendable, Equatable {
    public struct Limits: Sendable, Equatable {
        /// Bytes of parts that are held.
        public var bytes: Int
        /// Parts of the line that lie with the server at once: more wait here.
        public var window: Int
        /// After which the server is asked whether it still has a part that it took, ns.
        public var look: UInt64
        /// Before the next attempt after one that failed, ns.
        public var retry: UInt64
        /// How often a part that workers return, or the server lost, is sent anew.
        public var rounds: Int

        public init(
            bytes: Int, window: Int = 64, look: UInt64 = 30_000_000_000, retry: UInt64 = 1_000_000_000, rounds: Int = 5
        ) {
            self.bytes = bytes
            self.window = window
            self.look = look
            self.retry = retry
            self.rounds = rounds
        }
    }

    public enum Action: Sendable, Equatable {
        /// Publish it. `round` counts from 1; it is part of the message id.
        case send(String, round: Int)
        /// Ask the server for the message of this number: `noteFound` or `noteLost`.
        case look(String, sequence: UInt64)
        /// Its deadline has passed.
        case expire(String)
    }

    /// What becomes of a part that was not scored.
    public enum Return: Sendable, Equatable {
        case sentAgain
        /// It came back too often.
        case exhausted(rounds: Int)
        case unknown
    }

    private enum Stage: Sendable, Equatable {
        case waiting(notBefore: UInt64)
        case sent(sequence: UInt64, at: UInt64)
    }

    private struct Entry: Sendable, Equatable {
        let bytes: Int
        /// Monotonic ns.
        let admitted: UInt64
        let deadline: UInt64
        let number: UInt64
        var stage: Stage
        var round: Int
        var isSettling = false
    }

    public let limits: Limits
    private var entries: [String: Entry] = [:]
    private var admitted: UInt64 = 0
    public private(set) var bytes = 0

    public init(_ limits: Limits) { self.limits = limits }

    public var count: Int { entries.count }
    public func contains(_ id: String) -> Bool { entries[id] != nil }

    /// Parts that lie with the server.
    public var sentCount: Int { entries.values.count { if case .sent = $0.stage { true } else { false } } }

    /// Since when the oldest part waits for its verdict, monotonic ns; nil where none does.
    public var oldest: UInt64? { entries.values.map(\.admitted).min() }

    /// Takes a part over, if there is room for it. A single one that is larger than the limit is taken when nothing else is
    /// there, so that no part waits for ever.
    public mutating func admit(_ id: String, bytes size: Int, now: UInt64, deadline: UInt64) -> Bool {
        guard entries[id] == nil, hasRoom(for: size) else { return false }
        insert(id, size, now, deadline)
        return true
    }

    public func hasRoom(for size: Int) -> Bool { entries.isEmpty || bytes <= limits.bytes - size }

    /// Takes a part over that was found in the spool at the start, whatever the limit says now.
    public mutating func restore(_ id: String, bytes size: Int, now: UInt64, deadline: UInt64) {
        guard entries[id] == nil else { return }
        insert(id, size, now, deadline)
    }

    private mutating func insert(_ id: String, _ size: Int, _ now: UInt64, _ deadline: UInt64) {
        admitted += 1
        bytes += size
        entries[id] = Entry(
            bytes: size, admitted: now, deadline: deadline, number: admitted, stage: .waiting(notBefore: now), round: 1)
    }

    /// What is to be done now, the oldest part first; nil for nothing before `wake`.
    ///
    /// - Complexity: O(parts).
    public func next(now: UInt64, isConnected: Bool) -> Action? {
        let isOpen = sentCount < limits.window
        var late: (id: String, number: UInt64)?, first: (action: Action, number: UInt64)?
        for (id, entry) in entries where !entry.isSettling {
            if entry.deadline <= now {
                if entry.number < late?.number ?? .max { late = (id, entry.number) }
                continue
            }
            guard isConnected, entry.number < first?.number ?? .max else { continue }
            switch entry.stage {
            case .waiting(let notBefore) where isOpen && notBefore <= now:
                first = (.send(id, round: entry.round), entry.number)
            case .sent(let sequence, let at) where now >= at && now - at >= limits.look:
                first = (.look(id, sequence: sequence), entry.number)
            default: break
            }
        }
        return late.map { .expire($0.id) } ?? first?.action
    }

    /// When `next` may have something to say though nothing happened, monotonic ns; nil for never.
    ///
    /// - Complexity: O(parts).
    public func wake(isConnected: Bool) -> UInt64? {
        let isOpen = sentCount < limits.window
        return entries.values.lazy.filter { !$0.isSettling }.map { entry in
            guard isConnected else { return entry.deadline }
            switch entry.stage {
            // Room is made by what happens, and not by time.
            case .waiting(let notBefore): return isOpen ? min(entry.deadline, notBefore) : entry.deadline
            case .sent(_, let at): return min(entry.deadline, at + limits.look)
            }
        }.min()
    }

    /// The server has it.
    public mutating func noteSent(_ id: String, sequence: UInt64, now: UInt64) {
        entries[id]?.stage = .sent(sequence: sequence, at: now)
    }

    /// It could not be sent.
    public mutating func noteFailed(_ id: String, now: UInt64) {
        entries[id]?.stage = .waiting(notBefore: now + limits.retry)
    }

    /// It still lies with the server.
    public mutating func noteFound(_ id: String, now: UInt64) {
        guard case .sent(let sequence, _)? = entries[id]?.stage else { return }
        entries[id]?.stage = .sent(sequence: sequence, at: now)
    }

    /// The server has it no more, and no verdict came; or a worker returned it. It is sent anew, under another message id.
    public mutating func noteReturned(_ id: String, now: UInt64) -> Return {
        guard let entry = entries[id], !entry.isSettling else { return .unknown }
        guard entry.round < limits.rounds else { return .exhausted(rounds: entry.round) }
        entries[id]?.round += 1
        entries[id]?.stage = .waiting(notBefore: now + limits.retry)
        return .sentAgain
    }

    /// Its verdict is on the way to the journal: nothing more is done for it.
    ///
    /// - Returns: false if there is none, or it was so already: this verdict is not the first.
    public mutating func beginSettling(_ id: String) -> Bool {
        guard let entry = entries[id], !entry.isSettling else { return false }
        entries[id]?.isSettling = true
        return true
    }

    /// Its verdict is in the journal.
    public mutating func settle(_ id: String) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        bytes -= entry.bytes
    }
}
