import Evaluation
import Foundation
import HeatMaps
import NeuralNetwork

/// Where an evaluation keeps its results: one file for each class, seed and method, and the tables.
struct ResultFolder: Sendable {
    let url: URL

    static func json(_ value: some Encodable, pretty: Bool = true) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = pretty ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes] : [.sortedKeys]
        return [UInt8](try encoder.encode(value))
    }

    private func file(_ method: String, _ partClass: String, _ seed: UInt64) -> URL {
        let name = method.replacing(" ", with: "-")
        return url.appending(path: "classes/\(name)/\(partClass)-seed\(seed).json")
    }

    /// A stored result, if it is of the same data, settings and program.
    func load(_ method: String, _ partClass: String, _ seed: UInt64, key: String) -> ClassResult? {
        let decoder = JSONDecoder()
        guard let data = try? Data(contentsOf: file(method, partClass, seed)),
            let result = try? decoder.decode(ClassResult.self, from: data),
            result.schema == ClassResult.schemaName, result.key == key
        else { return nil }
        return result
    }

    func save(_ result: ClassResult) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try PredictionFiles.write(
            [UInt8](try encoder.encode(result)), to: file(result.method, result.partClass, result.seed))
    }

    func write(_ text: EvaluationText) throws {
        try PredictionFiles.write(try Self.json(text.summary), to: url.appending(path: "results.json"))
        try PredictionFiles.write(Array(text.csv.utf8), to: url.appending(path: "results.csv"))
        try PredictionFiles.write(Array(text.markdown.utf8), to: url.appending(path: "results.md"))
    }

    /// A sweep's table and its plot: `sweep-NAME.md` and `.png`.
    func write(_ sweep: Sweep, _ summary: EvaluationSummary) throws {
        let name = "sweep-\(sweep.rawValue)"
        try PredictionFiles.write(Array(sweep.markdown(summary).utf8), to: url.appending(path: "\(name).md"))
        let series = [Metric.partAUROC, .pointAUROC].map { metric in
            SweepPicture.Series(
                name: metric.title,
                points: sweep.steps.compactMap { step in
                    guard
                        let estimate = summary.rows.first(where: { $0.name == sweep.label(step) })?.mean[metric]
                    else { return nil }
                    let published = metric == .partAUROC ? step.published?.part : step.published?.point
                    return .init(
                        name: step.name, value: Float(estimate.value), error: Float(estimate.standardError),
                        published: published.map { Float($0) })
                })
        }
        guard let picture = SweepPicture.png(series, title: sweep.rawValue) else { return }
        try PredictionFiles.write(picture, to: url.appending(path: "\(name).png"))
    }

    /// Of all but the data: the method's settings, and the program itself, since its version alone does not tell two
    /// builds apart.
    static func programDigest() -> String {
        let program = (try? Data(contentsOf: URL(filePath: "/proc/self/exe"))).map { sha256([UInt8]($0)) } ?? "unknown"
        return "\(Version.string) \(program) \(MatrixProduct.library)"
    }
}
