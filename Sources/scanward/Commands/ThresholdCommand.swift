import ArgumentParser
import Foundation

struct ThresholdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "threshold",
        abstract: "Explains, sets or recalibrates a model's threshold.",
        subcommands: [ThresholdExplain.self, ThresholdSet.self, ThresholdRecalibrate.self])
}

/// "1%", "1" (per cent) and "0.5 %" as a share: above 0, below 50 %.
@Sendable func falseRejectShare(_ text: String) throws -> Double {
    let number = text.replacing("%", with: "").trimmingCharacters(in: .whitespaces)
    guard let percent = Double(number), percent >= 0.01, percent < 50 else {
        throw ValidationError("expected 0.01% to below 50%, found \"\(printable(text))\"")
    }
    return percent / 100
}
