import ArgumentParser
import Foundation

struct ThresholdSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Sets a model's threshold by hand, and records that in its manifest.")

    @Option(help: "Why; kept in the manifest.")
    var reason: String?

    @Flag(help: "Also at or below the highest score of a good part.")
    var force = false

    @Flag(help: "As a JSON object.")
    var json = false

    @Argument(help: "A model folder.")
    var model: String

    @Argument(help: "The part score above which a part fails.")
    var value: Double

    func validate() throws {
        guard value > 0, Float(value).isFinite, Float(value) > 0 else {
            throw ValidationError("expected a threshold above 0, found \(value)")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let result: ThresholdSetting.Result
            do {
                result = try ThresholdSetting(value: value, reason: reason, by: ModelVersions.user, force: force)
                    .apply(to: URL(filePath: model))
            } catch let refusal as ThresholdSetting.Refusal {
                throw Failure(
                    refusal.sentence + (refusal.kind == .needsForce ? "; set a higher one, or add --force" : ""))
            }
            if let warning = result.warning { Terminal.error("scanward: \(warning)") }
            guard !json else {
                return Terminal.output(
                    try jsonLine(
                        SetThreshold(partType: result.partType, old: result.old, new: value, modelID: result.id)))
            }
            Terminal.output(
                String(
                    format: "%@: threshold %.3f, was %.3f", printable(result.partType), value, result.old))
        }
    }
}

/// What `threshold set` and `recalibrate` did, for programs.
struct SetThreshold: Encodable {
    let partType: String
    let old: Double, new: Double
    /// Of the model as it is now.
    let modelID: String
    /// Good parts behind it, where it comes from them, and what so few cannot promise.
    var goodParts: Int?
    var limits: [String]?
}
