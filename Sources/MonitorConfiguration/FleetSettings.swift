/// What is said of a fleet (docs/scaling.md).
public struct FleetSettings: Sendable, Equatable {
    public enum Role: String, Sendable, CaseIterable {
        /// Frames in, verdicts out, in one process.
        case all
        /// A line whose parts the fleet scores.
        case ingest
        /// A worker.
        case score
        /// All lines' verdicts in one journal.
        case hub
    }

    public var role: Role
    public var servers: [String]
    public var credentialsFile: String?
    public var caFile: String?
    public var certificateFile: String?
    public var keyFile: String?
    public var leaseSeconds: Double
    public var deadlineSeconds: Double
    public var spoolMiB: Int
    /// While the fleet is away.
    public var scoresLocally: Bool
}
