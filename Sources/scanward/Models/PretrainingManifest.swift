import IMRNet

/// `manifest.json` of a pretraining: what the weights are and what they were made from.
struct PretrainingManifest: Encodable {
    static let schema = "scanward-pretraining-run/1"

    struct Shape: Encodable {
        var name: String
        var sha256: String
        var heldOut: Bool
    }

    struct Skipped: Encodable {
        var file: String
        var reason: String
    }

    var schema = Self.schema
    var scanward = Version.string
    /// RFC 3339, UTC.
    var created: String
    var size: String
    var parameters: Int
    /// Weights that the run began with; nil for fresh ones.
    var start: ModelManifest.Source?
    var options: Pretraining.Options
    var sampleOptions: PretrainingSamples.Options
    var precision: String
    var ending: Pretraining.Ending
    /// Steps done, of `stepsPlanned`; the weights are those after `bestStep`.
    var steps: Int
    var stepsPlanned: Int
    var bestStep: Int
    var validationLoss: Float
    /// A hash over names and digests; `shapes` has them one by one.
    var data: String
    var shapes: [Shape]
    var setAside: [Skipped]
    var files: [String: ModelManifest.File] = [:]

    /// The metadata of the weights, so that they tell what they are without the manifest.
    var facts: [String: String] {
        [
            "size": size, "scanward": scanward, "step": String(bestStep), "steps_planned": String(stepsPlanned),
            "validation_loss": String(validationLoss), "batch": String(options.batch),
            "epochs": String(options.epochs), "rate": String(options.rate), "seed": String(options.seed),
            "points": String(sampleOptions.points), "mask_ratio": String(sampleOptions.maskRatio), "data": data,
        ]
    }
}
