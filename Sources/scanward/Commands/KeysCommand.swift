import ArgumentParser
import Foundation
import ZeroMQ

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes keys, and says whose keys may connect (docs/security.md).",
        subcommands: [KeysGenerate.self, KeysAllow.self, KeysList.self])
}

struct KeysGenerate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Makes a CURVE key pair in a new file that only its owner may read; prints the public key.",
        discussion: "pyzmq's zmq.auth.load_certificate reads the file too.")

    @Flag(help: "As a JSON object.")
    var json = false

    @Argument(help: "The file; not written over.")
    var file: String

    func run() async throws {
        try await reportingFailures {
            var keys: CurveKeyPair
            // One that begins with - would be taken for an option.
            repeat { keys = try CurveKeyPair.generate() } while keys.publicKey.text.hasPrefix("-")
            try KeyFile.write(keys, to: file)
            guard !json else {
                return Terminal.output(try jsonLine(["file": file, "public_key": keys.publicKey.text]))
            }
            Terminal.output(keys.publicKey.text)
            Terminal.error("the secret key is in \(file); the line above is the public key: it may be shown to anyone")
        }
    }
}

struct KeysAllow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow",
        abstract: "Adds a public key to an allow-list; a running monitor takes note of it by itself.",
        discussion: "To take a key away again, delete its line.")

    @Flag(help: "As a JSON object.")
    var json = false

    @Argument(help: "Whose key it is: 1 to 64 of A-Z a-z 0-9 . _ -")
    var name: String

    @Argument(help: "The public key, or a key file that has it. (Quote a key: it may hold characters of the shell's.)")
    var key: String

    @Option(help: ArgumentHelp("The list; made if there is none.", valueName: "file"))
    var allowList: String

    func run() async throws {
        try await reportingFailures {
            guard AllowList.isName(name) else {
                throw Failure("expected a name of 1 to 64 of A-Z a-z 0-9 . _ -, found \"\(printable(name))\"")
            }
            let entry = AllowList.Entry(name: name, key: try ClientKeyOptions.key(key))
            try AllowListFile.add(entry, to: allowList)
            guard !json else { return Terminal.output(try jsonLine(KeysList.Listed(entry))) }
            Terminal.output("\(allowList): \(entry.name) may connect with \(entry.key)")
        }
    }
}

struct KeysList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows the keys of an allow-list: name, key, file.")

    @Option(help: ArgumentHelp("The list.", valueName: "file"))
    var allowList: String

    @Flag(help: "As a JSON array.")
    var json = false

    struct Listed: Encodable {
        let name: String, key: String

        init(_ entry: AllowList.Entry) {
            name = entry.name
            key = entry.key.text
        }
    }

    func run() async throws {
        try await reportingFailures {
            let list = try AllowListFile.read(allowList)
            guard !json else { return Terminal.output(try jsonLine(list.entries.map(Listed.init))) }
            let width = list.entries.map(\.name.count).max() ?? 0
            for entry in list.entries {
                let space = String(repeating: " ", count: width - entry.name.count)
                Terminal.output("\(entry.name)\(space)  \(entry.key)  \(allowList)")
            }
        }
    }
}
