import ArgumentParser
import Foundation
import TestPrograms
import Testing

@testable import scanward

/// Command lines in the documentation are such as the program takes.
@Suite struct DocumentationTests {
    /// A line of a code block that begins with the program's name.
    struct CommandLine: CustomTestStringConvertible {
        var place: String
        var text: String
        var testDescription: String { "\(place): \(text)" }

        /// The words, as a shell takes them apart: quotes, comments, and what is redirected elsewhere.
        var words: [String] {
            var words: [String] = [], word: String?
            var quote: Character?
            for character in text + " " {
                if let open = quote {
                    if character == open { quote = nil } else { word = (word ?? "") + String(character) }
                } else if character == "'" || character == "\"" {
                    quote = character
                    word = word ?? ""
                } else if character == "#" && word == nil {
                    break
                } else if ">|&".contains(character) {
                    if let word { words.append(word) }
                    return words
                } else if character == " " {
                    if let done = word { words.append(done) }
                    word = nil
                } else {
                    word = (word ?? "") + String(character)
                }
            }
            return words
        }

        /// Whether it shows what may be given, not what is.
        var isSynopsis: Bool { text.contains("[") || text.contains("|") || text.contains("...") }
    }

    static let pages: [URL] = {
        let root = Program.repository
        let docs = FileManager.default.enumerator(at: root.appending(path: "docs"), includingPropertiesForKeys: nil)
        let pages = (docs?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "md" }
        return [root.appending(path: "README.md")] + pages.sorted { $0.path < $1.path }
    }()

    /// Lines of the program in blocks that are indented, or fenced.
    static func commandLines() throws -> [CommandLine] {
        try pages.flatMap { page -> [CommandLine] in
            var isFenced = false, pending = ""
            var found: [CommandLine] = []
            let lines = try String(contentsOf: page, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            for (number, line) in lines.enumerated() {
                if line.hasPrefix("```") { isFenced.toggle() }
                guard isFenced || line.hasPrefix("    ") else { continue }
                let text = pending + line.drop { $0 == " " }
                pending = ""
                if text.hasSuffix("\\") {
                    pending = String(text.dropLast())
                    continue
                }
                let command = ["$ ", "sudo "].reduce(text) { $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0 }
                guard command.hasPrefix("scanward ") else { continue }
                found.append(.init(place: "\(page.lastPathComponent):\(number + 1)", text: command))
            }
            return found
        }
    }

    @Test func thereAreCommandLinesToCheck() throws {
        #expect(try Self.commandLines().count >= 25)
    }

    @Test(arguments: try commandLines()) func isTaken(_ line: CommandLine) throws {
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
        for page in Self.pages {
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
        for page in Self.pages {
            let text = try String(contentsOf: page, encoding: .utf8)
            for target in text.matches(of: /(?:`|^    |\n    )make ([a-z][a-z-]*)/) {
                #expect(
                    makefile.contains("\n\(target.output.1):"), "\(page.lastPathComponent): make \(target.output.1)")
            }
        }
    }
}
