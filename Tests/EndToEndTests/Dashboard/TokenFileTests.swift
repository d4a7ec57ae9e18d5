import Dashboard
import Foundation
import TestPrograms
import Testing

@testable import scanward

@Suite struct TokenFileTests {
    @Test func theFileHasHashesAndOnlyItsOwnerReadsIt() throws {
        let path = try ScratchFolder("tokens").file("tokens")
        let look = try TokenFile.create("vera", .viewer, in: path),
            change = try TokenFile.create("otto", .operator, in: path)
        #expect(look != change && look.hasPrefix("swd_") && look.utf8.count == 47)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!text.contains(look) && !text.contains(look.dropFirst(4)))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o644)
        let file = try TokenFile(path)
        #expect(file.holder(of: look) == TokenHolder(name: "vera", role: .viewer))
        #expect(file.holder(of: change)?.role == .operator)
        for wrong in [
            "", "swd_", look + "x", String(look.dropLast()), sha256([UInt8](look.utf8)),
            String(repeating: "x", count: 1 << 20),
        ] {
            #expect(file.holder(of: wrong) == nil)
        }
    }

    @Test func whatIsRevokedIsOfNoUseAtOnce() throws {
        let path = try ScratchFolder("tokens").file("tokens")
        let token = try TokenFile.create("otto", .operator, in: path)
        let file = try TokenFile(path)
        #expect(file.holder(of: token) != nil)
        try TokenFile.revoke("otto", in: path)
        #expect(file.holder(of: token) == nil)
        let next = try TokenFile.create("otto", .viewer, in: path)
        #expect(file.holder(of: next)?.role == .viewer && file.holder(of: token) == nil)
        // A file that went away lets nobody in.
        try FileManager.default.removeItem(atPath: path)
        #expect(file.holder(of: next) == nil)
    }

    @Test func changesAtOnceAreAllThere() throws {
        let path = try ScratchFolder("tokens").file("tokens")
        for number in 0..<4 { _ = try TokenFile.create("old\(number)", .viewer, in: path) }
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            if number < 4 {
                _ = try? TokenFile.create("new\(number)", .viewer, in: path)
            } else {
                try? TokenFile.revoke("old\(number - 4)", in: path)
            }
        }
        #expect(try Set(TokenFile.read(path).map(\.name)) == ["new0", "new1", "new2", "new3"])
    }

    @Test(arguments: [0o664, 0o646]) func aFileThatOthersWriteLetsNobodyIn(mode: Int) throws {
        let path = try ScratchFolder("tokens").file("tokens")
        let token = try TokenFile.create("otto", .operator, in: path)
        let file = try TokenFile(path)
        #expect(file.holder(of: token) != nil)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        #expect(file.holder(of: token) == nil)
        let failure = #expect(throws: Failure.self) { try TokenFile(path) }
        #expect(failure?.description.contains("only its owner may write") == true)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(file.holder(of: token) != nil)
    }

    @Test(arguments: [
        "otto operator 12 2026", "otto boss \(String(repeating: "a", count: 64)) 2026", "otto",
        "o/to viewer \(String(repeating: "a", count: 64)) 2026",
        "a viewer \(String(repeating: "a", count: 64)) x\na viewer \(String(repeating: "b", count: 64)) x",
    ])
    func aDamagedLineIsNamed(text: String) throws {
        let path = try ScratchFolder("tokens").file("tokens")
        try Data("# tokens\n\(text)\n".utf8).write(to: URL(filePath: path))
        let failure = #expect(throws: Failure.self) { try TokenFile(path) }
        #expect(failure?.description.contains("line \(text.contains("\n") ? 3 : 2)") == true)
    }

    @Test func theCommandsSayWhatTheyDid() async throws {
        let path = try ScratchFolder("tokens").file("tokens")
        let made = try await Program.run(["tokens", "create", "vera", "--file", path, "--json"])
        #expect(made.status == 0 && made.standardOutput.contains(#""role":"viewer""#))
        let twice = try await Program.run(["tokens", "create", "vera", "--file", path])
        #expect(twice.status == 1 && twice.standardError.contains("has a token of vera already"))
        let list = try await Program.run(["tokens", "list", "--file", path])
        #expect(list.standardOutput.hasPrefix("vera ") && list.standardOutput.contains("viewer"))
        let unknown = try await Program.run(["tokens", "revoke", "otto", "--file", path])
        #expect(unknown.status == 1 && unknown.standardError.contains("there are vera"))
        #expect(try await Program.run(["tokens", "revoke", "vera", "--file", path]).status == 0)
        #expect(try await Program.run(["tokens", "list", "--file", path, "--json"]).standardOutput == "[]\n")
    }

    @Test func theConfigurationSaysWhereTheyAre() async throws {
        let folder = try ScratchFolder("tokens")
        let configuration = folder.file("scanward.yaml")
        func run(_ arguments: String...) async throws -> Program.Output {
            try await Program.run(["tokens"] + arguments + ["--config", configuration])
        }
        let without = try await run("list")
        #expect(without.status == 78 && without.standardError.contains("expected a configuration file"))
        try "access:\n  tokens_file: who\n".write(toFile: configuration, atomically: true, encoding: .utf8)
        let made = try await run("create", "otto", "--role", "operator")
        #expect(made.status == 0 && made.standardError.contains("\(folder.file("who")) has its hash"), "\(made)")
        let token = made.standardOutput.trimmingCharacters(in: .newlines)
        #expect(try TokenFile(folder.file("who")).holder(of: token)?.role == .operator)
        #expect(try await run("list").standardOutput.contains("otto"))
        #expect(try await run("revoke", "otto").status == 0)
        #expect(try TokenFile.read(folder.file("who")).isEmpty)
        // Said on the command line it is another's.
        #expect(try await run("create", "otto", "--file", folder.file("other")).status == 0)
        #expect(try TokenFile.read(folder.file("who")).isEmpty)
        try "line: a\n".write(toFile: configuration, atomically: true, encoding: .utf8)
        let nowhere = try await run("list")
        #expect(nowhere.status != 0)
        #expect(
            nowhere.standardError.contains("expected the file of tokens, by --file FILE or as access.tokens_file"),
            "\(nowhere)")
    }
}
