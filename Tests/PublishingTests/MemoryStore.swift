import Publishing
import Synchronization
import ZeroMQ

/// Verdicts in memory, in place of the journal.
final class MemoryStore: VerdictStore {
    struct State {
        var epoch = "e1"
        var first: UInt64 = 1
        var head: UInt64
        var cursors: [String: UInt64] = [:]
        var filler = ""
        /// Verdicts that are damaged: a page ends before them, or begins after them.
        var unreadable: ClosedRange<UInt64>?
    }
    let state: Mutex<State>

    init(head: UInt64) { state = Mutex(State(head: head)) }

    func extent() throws -> VerdictExtent {
        state.withLock { VerdictExtent(epoch: $0.epoch, first: $0.first, head: $0.head) }
    }

    func verdicts(
        from seq: UInt64, limit: Int
    ) throws -> (verdicts: [StoredVerdict], next: UInt64, extent: VerdictExtent) {
        let (filler, unreadable) = state.withLock { ($0.filler, $0.unreadable) }
        let extent = try extent()
        var start = max(seq, extent.first), last = extent.head
        if let unreadable {
            if unreadable.contains(start) { start = unreadable.upperBound + 1 }
            if start < unreadable.lowerBound { last = unreadable.lowerBound - 1 }
        }
        let numbers = (0..<UInt64(limit)).map { start + $0 }.filter { $0 <= last }
        let verdicts = numbers.map { Self.verdict($0, filler) }
        return (verdicts, start + UInt64(verdicts.count), extent)
    }

    func cursor(of consumer: String) throws -> UInt64? { state.withLock { $0.cursors[consumer] } }
    func register(_ consumer: String, after seq: UInt64) throws { state.withLock { $0.cursors[consumer] = seq } }
    func acknowledge(_ consumer: String, through seq: UInt64) throws {
        state.withLock { $0.cursors[consumer] = max($0.cursors[consumer] ?? 0, seq) }
    }

    static func verdict(_ seq: UInt64, _ filler: String = "") -> StoredVerdict {
        StoredVerdict(
            seq: seq, station: .init(line: "l", station: "s"), evaluation: "ok",
            json: Array(#"{"epoch":"e1","seq":\#(seq)\#(filler.isEmpty ? "" : #","filler":"\#(filler)""#)}"#.utf8))
    }
}

extension VerdictReplay {
    /// Answers for `store`, at a port of its own.
    convenience init(_ store: MemoryStore, in context: Context) throws {
        try self.init(
            context: context, configuration: .init(endpoint: "tcp://127.0.0.1:0", line: "l", station: "s"), store: store
        )
    }
}
