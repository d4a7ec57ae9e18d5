import Foundation
import TestPrograms
import Testing

/// A command line in a code block of README.md or docs/.
struct DocumentedLine: CustomTestStringConvertible {
    var page: String
    var number: Int
    /// As it is typed, without what follows a `#`.
    var text: String

    var place: String { "\(page):\(number)" }
    var testDescription: String { "\(place): \(text)" }

    /// What a line of a shell begins with; `sudo` may stand before it.
    static let programs: Set<String> = [
        "apt", "baselines.py", "cd", "cp", "curl", "editor", "export", "journalctl", "make", "pip", "python", "python3",
        "scanward", "score.py", "sqlite3", "swift", "systemctl",
    ]

    /// Whether it shows what may be given, not what is.
    var isSynopsis: Bool { text.contains("[") || text.contains("|") || text.contains("...") }

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

    static let pages: [URL] = {
        let root = Program.repository
        let docs = FileManager.default.enumerator(at: root.appending(path: "docs"), includingPropertiesForKeys: nil)
        let pages = (docs?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "md" }
        return [root.appending(path: "README.md")] + pages.sorted { $0.path < $1.path }
    }()

    /// All of a page, in their order: of a block that begins with a command every line, of one with prompts those behind `$`.
    static func lines(of page: URL) throws -> [DocumentedLine] {
        var found: [DocumentedLine] = [], pending = "", isFenced = false
        var isCommands = false, wasCode = false
        let lines = try String(contentsOf: page, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("```") {
                isFenced.toggle()
                wasCode = false
                continue
            }
            let isCode = isFenced || line.hasPrefix("    ")
            defer { wasCode = isCode }
            guard isCode else { continue }
            var text = pending + line.drop { $0 == " " }
            pending = ""
            let hasPrompt = text.hasPrefix("$ ")
            if hasPrompt { text = String(text.dropFirst(2)) }
            if !wasCode { isCommands = !hasPrompt && isCommand(text) }
            guard hasPrompt || isCommands else { continue }
            if text.hasSuffix("\\") {
                pending = String(text.dropLast())
                continue
            }
            let typed = withoutComment(text)
            // What a synopsis goes on with.
            if typed.hasPrefix("["), let last = found.indices.last {
                found[last].text += " " + typed
            } else if !typed.isEmpty {
                found.append(.init(page: page.lastPathComponent, number: index + 1, text: typed))
            }
        }
        return found
    }

    static func all() throws -> [DocumentedLine] { try pages.flatMap(lines(of:)) }

    private static func isCommand(_ text: String) -> Bool {
        let words = text.split(separator: " ").map(String.init)
        guard let program = (words.first == "sudo" ? words.dropFirst() : words[...]).first else { return false }
        return programs.contains(program) || program.hasPrefix("tools/")
    }

    private static func withoutComment(_ text: String) -> String {
        let end = text.firstRange(of: " #")?.lowerBound ?? text.endIndex
        return text[..<end].trimmingCharacters(in: .whitespaces)
    }
}
