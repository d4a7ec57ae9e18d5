import Foundation
import Inspection
import Threads

/// How the line stands, as `/api/status` tells it.
struct LineStatus: Encodable {
    struct Source: Encodable {
        let name: String
        let frames: Int
        let refused: Int
        let missed: UInt64
        /// Seconds since its last frame; nil before the first.
        let lastFrameAge: Double?
        /// Nil where nothing tells: a recording.
        let isUp: Bool?
        let downs: Int
        /// Seconds since when it is down.
        let downFor: Double?
        let skewMs: Double?
        let refusals: [String: Int]
    }

    struct Model: Encodable {
        let partType: String
        let id: String
        let version: String
        let threshold: Double
    }

    struct Queue: Encodable {
        let name: String
        let depth: Int
        let capacity: Int
    }

    let line: String
    let station: String
    let input: String
    let version: String
    let nowNs: UInt64
    let startedNs: UInt64
    let isSimulated: Bool
    /// It takes other lines' verdicts, and has neither scanners nor models.
    let isHub: Bool
    let reasonsNotReady: [String]
    /// What a person should look at, though the line is ready.
    let warnings: [String]
    /// Of the journal; since the start.
    let head: UInt64
    let evaluations: [String: Int]
    /// Of the last `recentParts` parts that could be judged, and how many those are.
    let passRate: Double?
    let recentParts: Int
    /// In the last five minutes, or since the start.
    let partsPerMinute: Double
    let latencyMedianMs: Double?
    let latency95Ms: Double?
    let partsOpen: Int
    let sources: [Source]
    let models: [Model]
    let queues: [Queue]
    /// nil for a line that scores by itself, and while the fleet's server does not tell.
    let fleet: FleetReport?

    private static let passRateParts = 100
    private static let latencyParts = 500

    var json: [UInt8] {
        // Every number here is finite.
        Array(((try? jsonLine(self)) ?? "{}").utf8)
    }

    /// The figures of the last verdicts.
    struct Figures {
        let passRate: Double?
        let parts: Int
        let perMinute: Double
        let median: Double?
        let high: Double?

        /// - Parameters:
        ///   - activity: what happened so far.
        ///   - now: by the activity's clock.
        init(_ activity: LineActivity.State, now: UInt64) {
            let recent = activity.recent
            let judged = recent.filter { $0.evaluation == .ok || $0.evaluation == .notOK }.suffix(passRateParts)
            parts = judged.count
            passRate =
                judged.isEmpty ? nil : Double(judged.count { $0.evaluation == .ok }) / Double(judged.count)
            perMinute = activity.rate.perMinute(at: now)
            let latencies = recent.suffix(latencyParts).map(\.milliseconds).sorted()
            median = latencies.isEmpty ? nil : latencies[latencies.count / 2]
            high = latencies.isEmpty ? nil : latencies[min(latencies.count - 1, latencies.count * 95 / 100)]
        }
    }
}
