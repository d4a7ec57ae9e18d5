import Foundation

/// A verdict's main fields: what a list shows.
struct VerdictSummary: Codable {
    let seq: UInt64
    let resultID: String
    let line: String
    let station: String
    let source: String
    let session: String
    let partID: String
    let partType: String?
    let attempt: Int
    let isSimulated: Bool
    let evaluation: String
    let score: Double?
    let threshold: Double?
    let reasons: [Reason]
    let regions: [Region]
    let times: Times
    let durationsMs: Durations
    let model: Model?

    struct Reason: Codable { let code: String }
    struct Model: Codable { let id: String }
    struct Region: Codable {
        let kind: String
        let deviation: Double?
        let area: Double
    }
    struct Times: Codable {
        let decidedNs: UInt64
        enum CodingKeys: String, CodingKey { case decidedNs = "decided_ns" }
    }
    struct Durations: Codable { let total: Double }

    enum CodingKeys: String, CodingKey {
        case seq, line, station, source, session, attempt, evaluation, score, threshold, reasons, regions, times, model
        case resultID = "result_id"
        case partID = "part_id"
        case partType = "part_type"
        case isSimulated = "is_simulated"
        case durationsMs = "durations_ms"
    }

    static let columns = [
        "seq", "decided", "line", "station", "source", "session", "part_id", "attempt", "part_type", "evaluation",
        "score", "threshold", "regions", "reasons", "model_id", "result_id", "latency_ms",
    ]

    /// The fields of a CSV row (RFC 4180), in the order of `columns`.
    var row: String {
        let decided = Date(timeIntervalSince1970: Double(times.decidedNs) / 1e9).formatted(.iso8601)
        let fields: [String] = [
            "\(seq)", decided, line, station, source, session, partID, "\(attempt)", partType ?? "", evaluation,
            score.map { "\($0)" } ?? "", threshold.map { "\($0)" } ?? "", "\(regions.count)",
            reasons.map(\.code).joined(separator: " "), model?.id ?? "", resultID, "\(durationsMs.total)",
        ]
        return fields.map(Self.field).joined(separator: ",")
    }

    /// Quoted where it has to be. What a spreadsheet would run as a formula gets an apostrophe before it: names come from
    /// outside.
    private static func field(_ text: String) -> String {
        var text = text
        if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first), Double(text) == nil {
            text = "'" + text
        }
        let needsQuotes = text.unicodeScalars.contains { ",\"\n\r".unicodeScalars.contains($0) }
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}
