import Inspection

/// `manifest.json` of a model folder: what the model is, what it was made from, and the digest of each of its files.
struct ModelManifest: Codable, Equatable {
    static let schema = "scanward-model/1"

    struct File: Codable, Equatable {
        var sha256: String
        var bytes: Int
    }

    struct Source: Codable, Equatable {
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
    var backbone: Source
    var goodParts: [Source]
    var seed: UInt64
    var fineTuning: TeachingReport
    var threshold: Threshold
    var files: [String: File]

    enum CodingKeys: String, CodingKey {
        case schema, name, version, created, scanward, backbone, seed, threshold, files
        case partType = "part_type"
        case goodParts = "good_parts"
        case fineTuning = "fine_tuning"
    }
}
