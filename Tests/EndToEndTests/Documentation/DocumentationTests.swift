import ArgumentParser
import Foundation
import TestPrograms
import Testing

@testable import scanward

/// What the documentation says is to be typed is there: commands, options, targets of the Makefile. That it works,
/// `DocumentedCommandsTests` tries.
@Suite struct DocumentationTests {
    private static func commandLines() throws -> [DocumentedLine] {
        try DocumentedLine.all().compactMap { line in
            guard let start = line.text.firstRange(of: "scanward "),
                ["", "sudo "].contains(line.text[..<start.lowerBound])
            else { return nil }
            var line = line
            line.text = String(line.text[start.lowerBound...])
            return line
        }
    }

    @Test func thereAreCommandLinesToCheck() throws {
        #expect(try Self.commandLines().count >= 25)
    }

    @Test(arguments: try commandLines()) func isTaken(_ line: DocumentedLine) throws {
        let words = Array(line.words.dropFirst())
        guard line.isSynopsis else {
            do {
                _ = try Scanward.parseAsRoot(words)
            } catch {
                Issue.record("\(line.place): \(Scanward.message(for: error))")
            }
            return
        }
        let (command, _) = try #require(Self.command(words), "\(line.place): no such command")
        let help = Scanward.helpMessage(for: command)
        for option in line.text.matches(of: /--[a-z][a-z-]*/).map({ String($0.output) }) {
            #expect(help.contains(option), "\(line.place): \(option)")
        }
    }

    /// Commands named in running text: `scanward models promote`.
    @Test func commandsInTheTextExist() throws {
        for page in DocumentedLine.pages {
            let text = try String(contentsOf: page, encoding: .utf8)
            for span in text.matches(of: /`scanward ([a-z][a-z -]*[a-z])/) {
                let words = span.output.1.split(separator: " ").map(String.init)
                #expect(Self.command(words) != nil, "\(page.lastPathComponent): \(span.output.0)")
            }
        }
    }

    /// The command that begins with these words, and what is left of them; nil if the first names none.
    private static func command(_ words: [String]) -> (any ParsableCommand.Type, [String])? {
        var command: any ParsableCommand.Type = Scanward.self, rest = words[...]
        while let word = rest.first,
            let next = command.configuration.subcommands.first(where: { $0._commandName == word })
        {
            command = next
            rest = rest.dropFirst()
        }
        return command == Scanward.self ? nil : (command, Array(rest))
    }

    /// `make TARGET` in the documentation is a target of the Makefile.
    @Test func makeTargetsExist() throws {
        let makefile = try String(contentsOf: Program.repository.appending(path: "Makefile"), encoding: .utf8)
        for page in DocumentedLine.pages {
            let text = try String(contentsOf: page, encoding: .utf8)
            for target in text.matches(of: /(?:`|^    |\n    )make ([a-z][a-z-]*)/) {
                #expect(
                    makefile.contains("\n\(target.output.1):"), "\(page.lastPathComponent): make \(target.output.1)")
            }
        }
    }
}
