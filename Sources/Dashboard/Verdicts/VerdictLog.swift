/// Nothing is read of a log any more, as its monitor ends: a follower's stream ends with it, in order.
public struct VerdictLogClosed: Error {
    public init() {}
}

/// What the HTTP server reads verdicts from: the journal. Once it is closed each reading throws `VerdictLogClosed`.
public protocol VerdictLog: Sendable {
    /// Verdicts from `query.from` on, as `seq` says, at most `limit` that `query` accepts, and where to go on.
    ///
    /// - Returns: `next` beyond `head` when there is no more for now.
    func page(from seq: UInt64, limit: Int, query: VerdictQuery) throws -> (
        verdicts: [(seq: UInt64, json: [UInt8])], next: UInt64, head: UInt64
    )

    /// The newest verdicts below `seq` that `query` accepts, newest first, at most `limit`, and where to go on.
    ///
    /// - Returns: `next` is what to ask below next; nil when there is no more.
    func newest(below seq: UInt64, limit: Int, query: VerdictQuery) throws -> (
        verdicts: [(seq: UInt64, json: [UInt8])], next: UInt64?
    )

    /// The verdict with this result id.
    func verdict(resultID: String) throws -> [UInt8]?

    /// Why verdicts cannot be stored now; nil while they can.
    var reasonNotReady: String? { get }
}
