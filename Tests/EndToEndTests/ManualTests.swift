import Foundation
import TestPrograms
import Testing

/// Manual pages and completions, as `make man completions` writes them.
@Suite(.serialized) struct ManualTests {
    struct Command: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable { var name: String }
            var names: [Name]?
        }

        var commandName: String
        var subcommands: [Command]?
        var arguments: [Argument]?

        /// The commands below it that have none below them, by what is typed, with the long names of their options.
        func leaves(_ parents: [String] = []) -> [(name: String, options: Set<String>)] {
            let names = parents + [commandName]
            let children = (subcommands ?? []).filter { $0.commandName != "help" }
            guard children.isEmpty else { return children.flatMap { $0.leaves(names) } }
            let options = (arguments ?? []).flatMap { ($0.names ?? []).map(\.name) }
            return [(names.dropFirst().joined(separator: " "), Set(options))]
        }

        /// Names of pages: of the command itself and of all below it.
        func pages(_ parents: [String] = []) -> [String] {
            let names = parents + [commandName]
            let below = (subcommands ?? []).filter { $0.commandName != "help" }.flatMap { $0.pages(names) }
            return [names.joined(separator: "-")] + below
        }
    }

    struct Dump: Decodable { var command: Command }

    private func tool(_ name: String, _ arguments: [String]) async throws -> Program.Output {
        try await Program([name] + arguments, binary: URL(filePath: "/usr/bin/env")).finish()
    }

    @Test func eachCommandHasAPage() async throws {
        let folder = try ScratchFolder("man")
        let script = Program.repository.appending(path: "tools/manual.py").path
        for run in ["one", "other"] {
            let made = try await tool("python3", [script, Program.binary.path, folder.file(run)])
            #expect(made.status == 0, "\(made.standardError)")
        }
        let dump = try await Program.run(["--experimental-dump-help"])
        let pages = try JSONDecoder().decode(Dump.self, from: Data(dump.standardOutput.utf8)).command.pages()
        let written = try FileManager.default.contentsOfDirectory(atPath: folder.file("one"))
        #expect(Set(written) == Set(pages.map { $0 + ".1" }))
        for name in ["scanward", "scanward-run", "scanward-tap", "scanward-models-promote", "scanward-doctor"] {
            #expect(pages.contains(name), "\(name)")
        }
        for name in written {
            let text = try String(contentsOfFile: folder.file("one") + "/" + name, encoding: .utf8)
            #expect(text.contains(".SH NAME") && text.contains(".SH EXIT STATUS"), "\(name)")
            #expect(try String(contentsOfFile: folder.file("other") + "/" + name, encoding: .utf8) == text, "\(name)")
        }
    }

    /// What prints something for a person prints it for a program too.
    @Test func whatIsPrintedCanBeHadAsJSON() async throws {
        let dump = try await Program.run(["--experimental-dump-help"])
        let leaves = try JSONDecoder().decode(Dump.self, from: Data(dump.standardOutput.utf8)).command.leaves()
        let without = leaves.filter { !$0.options.contains("json") }.map(\.name)
        // It writes JSON lines by itself.
        #expect(without == ["journal export"])
    }

    @Test func eachShellCompletesEachCommand() async throws {
        let folder = try ScratchFolder("completions")
        let script = Program.repository.appending(path: "tools/completions.sh").path
        let made = try await tool(script, [Program.binary.path, folder.path])
        #expect(made.status == 0, "\(made.standardError)")
        for name in ["scanward.bash", "_scanward", "scanward.fish"] {
            let text = try String(contentsOfFile: folder.file(name), encoding: .utf8)
            for command in ["tap", "fake-scanner", "models", "why", "doctor", "support-bundle"] {
                #expect(text.contains(command), "\(name): \(command)")
            }
        }
        let checked = try await tool("bash", ["-n", folder.file("scanward.bash")])
        #expect(checked.status == 0, "\(checked.standardError)")
    }
}
