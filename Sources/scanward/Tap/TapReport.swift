import FrameProtocol
import Ingest
import ZeroMQ

/// Everything that a tap saw, by scanner.
struct TapReport {
    private(set) var counters = IngestCounters()
    private(set) var observed: [String: ObservedSource] = [:]
    private static let maximumSources = 256

    /// Frames that were accepted, and all messages.
    var frames: Int { counters.total.frames }
    var messages: Int { counters.total.messages }

    /// Takes note of a message.
    ///
    /// - Returns: what its `seq` says.
    @discardableResult
    mutating func note(_ event: FrameEvent) -> SequenceTracker.Observation? {
        let name = event.source ?? IngestCounters.unknownSource
        let key = observed[name] != nil || observed.count < Self.maximumSources ? name : IngestCounters.otherSources
        observed[key, default: ObservedSource()].note(event)
        return counters.record(event)
    }

    /// One scanner, for `--json`.
    struct Source: Encodable {
        struct Refused: Encodable {
            var reason: String
            var count: Int
            var message: String
        }
        struct Skew: Encodable {
            var latestMs: Double, smallestMs: Double, largestMs: Double
        }

        var source: String
        var frames: Int, bytes: Int, points: Int, droppedPoints: Int
        var rateHz: Double?, megabytesPerSecond: Double?
        var intervalMinMs: Double?, intervalMaxMs: Double?, intervalDeviationMs: Double?
        var gaps: UInt64, missing: UInt64, repeats: UInt64, backwards: UInt64, restarts: UInt64, sessions: UInt64
        var refused: [Refused]
        /// Arrival less `t_send_ns`.
        var sendSkew: Skew?
        /// Arrival less `t_capture_ns`, of the last frame.
        var captureAgeMs: Double?
        var parts: Int
        var lastParts: [String]
        var partTypes: [String: Int]
        var unit: String
        var fields: [String]
        var unknownKeys: [String]
    }

    /// By name.
    var sources: [Source] {
        counters.sources.sorted { $0.key < $1.key }.map { name, counted in
            let seen = observed[name] ?? ObservedSource()
            let rate = seen.intervals.rate
            let ms = { (value: Double) in (value / 1e3).rounded() / 1e3 }
            let hasIntervals = seen.intervals.count > 0
            return Source(
                source: name, frames: counted.frames, bytes: counted.bytes, points: counted.points,
                droppedPoints: counted.droppedPoints, rateHz: rate.map { ($0 * 1000).rounded() / 1000 },
                megabytesPerSecond: rate.map {
                    ($0 * Double(counted.bytes) / Double(max(1, counted.messages)) / 1e3).rounded() / 1e3
                },
                intervalMinMs: hasIntervals ? ms(Double(seen.intervals.smallest)) : nil,
                intervalMaxMs: hasIntervals ? ms(Double(seen.intervals.largest)) : nil,
                intervalDeviationMs: hasIntervals ? ms(seen.intervals.deviation) : nil,
                gaps: counted.sequence.gaps, missing: counted.sequence.missing, repeats: counted.sequence.repeats,
                backwards: counted.sequence.backwards, restarts: counted.sequence.restarts,
                sessions: counted.sequence.sessions,
                refused: seen.refused.sorted { ($1.value.count, $0.key.rawValue) < ($0.value.count, $1.key.rawValue) }
                    .map { .init(reason: $0.key.rawValue, count: $0.value.count, message: $0.value.sentence) },
                sendSkew: counted.skew.map {
                    .init(
                        latestMs: ms(Double($0.latest)), smallestMs: ms(Double($0.smallest)),
                        largestMs: ms(Double($0.largest)))
                }, captureAgeMs: seen.captureAge.map { ms(Double($0)) }, parts: seen.parts, lastParts: seen.lastParts,
                partTypes: seen.partTypes, unit: seen.unit, fields: seen.fields,
                unknownKeys: counted.unknownKeys.keys.sorted())
        }
    }
}
