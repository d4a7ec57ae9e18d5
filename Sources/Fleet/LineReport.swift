import Foundation

/// What a line tells of itself every few seconds, and by that says that its name is taken; one that tells nothing for
/// `WorkerReport.lifetime` is gone.
public struct LineReport: Sendable, Equatable, Codable {
    /// Epoch of its journal: two lines of one name have two.
    public var journal: String
    public var process: String
    /// Parts without a verdict, those of them that lie with the server, and the bytes of all in the spool.
    public var parts: Int?
    public var sent: Int?
    public var spoolBytes: Int?
    /// How long the oldest part waits for its verdict, s; 0 where none does.
    public var oldestAge: Double?

    public init(journal: String, process: String) {
        self.journal = journal
        self.process = process
    }

    enum CodingKeys: String, CodingKey {
        case journal, process, parts, sent
        case spoolBytes = "spool_bytes"
        case oldestAge = "oldest_s"
    }

    public func encoded() throws(FleetError) -> [UInt8] { try fleetJSON(self, "a line's report") }

    public init(_ bytes: [UInt8]) throws(FleetError) {
        do {
            self = try JSONDecoder().decode(LineReport.self, from: Data(bytes))
        } catch {
            throw FleetError("expected a line's report, found \(bytes.count) bytes that are none")
        }
    }
}
