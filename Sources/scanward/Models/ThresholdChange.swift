import Foundation

/// What was done to a model's threshold after its teaching; kept in the manifest, oldest first.
struct ThresholdChange: Codable, Equatable, Sendable {
    enum Kind: String, Codable, Sendable { case set, recalibrated }

    /// A good part that came after the teaching, scored with the model as it is.
    struct Part: Codable, Equatable, Sendable {
        var name: String
        var sha256: String
        var score: Double
        /// Named on the command line, but not used.
        var leftOut: Bool

        enum CodingKeys: String, CodingKey {
            case name, sha256, score
            case leftOut = "left_out"
        }
    }

    var kind: Kind
    /// RFC 3339, UTC.
    var date: String
    var old: Double
    var new: Double
    var reason: String?
    var parts: [Part]?
    /// The user at the command line (through sudo, the one behind it), or whose token it was over HTTP.
    var by: String?

    static func now() -> String { ISO8601DateFormatter().string(from: Date()) }
}

extension ModelManifest {
    /// Scores of good parts that the threshold can rest on: the taught ones' resamplings, then the parts added since.
    var goodScoresByPart: [[Double]] {
        let taught = fineTuning.goodParts.map(\.scores)
        let added = (thresholdChanges ?? []).flatMap { $0.parts ?? [] }.filter { !$0.leftOut }.map { [$0.score] }
        guard !taught.isEmpty else { return threshold.goodScores.map { [$0] } }
        return taught + added
    }

    /// Highest score of a good part, resampled or not.
    var highestGoodScore: Double {
        max(threshold.highestGoodScore ?? 0, threshold.goodScores.max() ?? 0, goodScoresByPart.joined().max() ?? 0)
    }
}
