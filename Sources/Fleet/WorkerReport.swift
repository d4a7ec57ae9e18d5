import Foundation

/// What a worker tells of itself every few seconds; one that tells nothing for `lifetime` is gone.
public struct WorkerReport: Sendable, Equatable, Codable {
    public static let schema = "fleet-worker/1"
    public static let interval = Duration.seconds(2)
    public static let lifetime = Duration.seconds(15)

    public var schema = Self.schema
    public var id: String
    public var version: String
    /// ns since the Unix epoch.
    public var startedNs: UInt64
    public var toldNs: UInt64
    /// Models that it has loaded, by SHA-256.
    public var models: [String]
    /// Parts that it answered with a verdict, those that it returned, and those that it gave to the dead letters.
    public var parts: Int
    public var returned: Int
    public var abandoned: Int
    /// Clouds that were not sent, as earlier ones were still on their way.
    public var cloudsDropped: Int?
    /// Medians of the last parts, ms: from asking for one until the server has its answer; of that the scoring, and what is left
    /// for the fleet; and how long that has the worker's thread busy.
    public var partMs: Double?
    public var scoringMs: Double?
    public var fleetMs: Double?
    public var fleetBusyMs: Double?
    /// Parts in the last minute.
    public var partsPerMinute: Double
    /// The line whose part it scores now.
    public var line: String?

    public init(id: String, version: String, startedNs: UInt64) {
        self.id = id
        self.version = version
        self.startedNs = startedNs
        toldNs = startedNs
        models = []
        parts = 0
        returned = 0
        abandoned = 0
        partsPerMinute = 0
    }

    enum CodingKeys: String, CodingKey {
        case schema, id, version, models, parts, returned, abandoned, line
        case startedNs = "started_ns"
        case toldNs = "told_ns"
        case partMs = "part_ms"
        case scoringMs = "scoring_ms"
        case fleetMs = "fleet_ms"
        case fleetBusyMs = "fleet_busy_ms"
        case cloudsDropped = "clouds_dropped"
        case partsPerMinute = "parts_per_minute"
    }

    public func encoded() throws(FleetError) -> [UInt8] {
        try fleetJSON(self, "a worker's report")
    }

    public init(_ bytes: [UInt8]) throws(FleetError) {
        do {
            self = try JSONDecoder().decode(WorkerReport.self, from: Data(bytes))
        } catch {
            throw FleetError("expected a worker's report, found \(bytes.count) bytes that are none")
        }
        guard schema == Self.schema else {
            throw FleetError("expected a report of schema \(Self.schema), found \"\(schema.prefix(40))\"")
        }
    }
}
