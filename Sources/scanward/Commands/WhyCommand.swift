import ArgumentParser
import Foundation
import Journal

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Tells everything that is known of one part, the sentence for the line first.",
        discussion: """
            It reads the journal of `run --state`, also beside a running monitor. Exit codes: 0 something is known of it, 1 nothing is,
            or the journal cannot be read, 5 it is damaged.
            """)

    @OptionGroup var stateOption: StateOption

    @Flag(help: "As a JSON object.")
    var json = false

    @Argument(help: "A part's id; or a result_id, or a verdict's seq, of which no part's id is spelled so.")
    var part: String

    func run() async throws {
        try await reportingFailures {
            let state = try stateOption.folder()
            let history = try PartHistory(part, in: try state.reader(), path: state.path)
            if json {
                Terminal.output(try jsonLine(history.json))
            } else {
                history.lines.forEach(Terminal.output)
            }
        }
    }
}
