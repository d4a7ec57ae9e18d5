import IMRNet
import Inspection
import NeuralNetwork

/// `manifest.json` of a model folder: what the model is, what it was made from, and the digest of each of its files.
struct ModelManifest: Codable, Equatable, Sendable {
    static let schema = "scanward-model/1"

    struct File: Codable, Equatable, Sendable {
        var sha256: String
        var bytes: Int
    }

    struct Source: Codable, Equatable, Sendable {
        var name: String
        var sha256: String
        var points: Int
    }

    var schema = Self.schema
    var name: String
    var version: String
    var partType: String
    /// RFC 3339, UTC.
    var created: String
    var scanward: String
    /// Of the library that the matrix products were made with; `nil` in older models.
    var openBLAS: String?
    var backbone: Source
    var goodParts: [Source]
    var seed: UInt64
    /// `nil` in older models, which are of the default profile.
    var profile: Profile?
    /// Everything that teaching was told; scoring follows settings.json, whose digest is among `files`.
    var settings: TeachingOptions?
    var fineTuning: TeachingReport
    var threshold: Threshold
    /// Oldest first; `nil` where the threshold is as it was taught.
    var thresholdChanges: [ThresholdChange]?
    var files: [String: File]

    enum CodingKeys: String, CodingKey {
        case schema, name, version, created, scanward, backbone, seed, profile, settings, threshold, files
        case openBLAS = "openblas"
        case partType = "part_type"
        case goodParts = "good_parts"
        case thresholdChanges = "threshold_changes"
        case fineTuning = "fine_tuning"
    }
}
