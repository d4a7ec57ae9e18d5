import FrameProtocol
import Foundation
import Inspection
import TestPrograms
import Testing
import ZeroMQ

/// Who may connect, on the built binary.
@Suite struct KeysTests {
    /// A folder for keys and lists, removed with it.
    private final class Folder {
        private let url = FileManager.default.temporaryDirectory.appending(path: "scanward-keys-\(UUID().uuidString)")
        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: url) }
        subscript(_ name: String) -> String { url.appending(path: name).path }
    }

    @Test func aKeyPairIsForItsOwnerAndAListNamesWhoMayConnect() async throws {
        let folder = try Folder()
        let made = try await Program.run(["keys", "generate", folder["a.key"]])
        #expect(made.status == 0)
        let key = made.standardOutput.trimmingCharacters(in: .newlines)
        #expect(CurveKey(key) != nil)
        let mode = try FileManager.default.attributesOfItem(atPath: folder["a.key"])[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let again = try await Program.run(["keys", "generate", folder["a.key"]])
        #expect(again.status == 1 && again.standardError.contains("not written over"))

        for (name, key) in [("scanner-a", folder["a.key"]), ("mes", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID")] {
            #expect(try await Program.run(["keys", "allow", name, key, "--allow-list", folder["list"]]).status == 0)
        }
        let list = try await Program.run(["keys", "list", "--allow-list", folder["list"]])
        #expect(
            list.standardOutput == "scanner-a  \(key)  \(folder["list"])\n"
                + "mes        Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID  \(folder["list"])\n")
        let twice = try await Program.run(["keys", "allow", "other", key, "--allow-list", folder["list"]])
        #expect(twice.status == 1 && twice.standardError.contains("stands for \"scanner-a\" already"))
        try Data("# ours\nscanner-a short\n".utf8).write(to: URL(filePath: folder["list"]))
        let damaged = try await Program.run(["keys", "list", "--allow-list", folder["list"]])
        #expect(damaged.status == 1 && damaged.standardError.contains("list, line 2: expected a CURVE key"))
    }

    @Test func whatWouldLetStrangersInIsRefusedAtTheStart() async throws {
        let folder = try Folder()
        #expect(try await Program.run(["keys", "generate", folder["m.key"]]).status == 0)
        #expect(
            try await Program.run(["keys", "allow", "m", folder["m.key"], "--allow-list", folder["list"]]).status == 0)
        let models = try await TaughtModels.untuned()
        func run(_ options: String...) async throws -> Program.Output {
            try await Program.run(["run", "--model", models] + options)
        }
        let secret = ["--curve-secret", folder["m.key"]]
        let free = "tcp://127.0.0.1:0"
        let noList = try await run("--bind", free, "--publish", free, secret[0], secret[1])
        #expect(noList.status == 1 && noList.standardError.contains("expected --allow-list FILE too"))
        let noServer = try await run("--connect", "tcp://127.0.0.1:1", "--publish", "none", secret[0], secret[1])
        #expect(noServer.status == 1 && noServer.standardError.contains("expected --server-key KEY too"))
        let noSecret = try await run("--bind", free, "--publish", free, "--allow-list", folder["list"])
        #expect(noSecret.status == 1 && noSecret.standardError.contains("--allow-list goes with --curve-secret"))
        for option in ["--bind", "--publish"] {
            let other = option == "--bind" ? "--publish" : "--bind"
            let open = try await run(option, "tcp://*:0", other, free)
            #expect(
                open.status == 1 && open.standardError.contains("\(option): tcp://*:0 can be reached by other machines")
            )
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder["m.key"])
        let readable = try await run(
            "--bind", free, "--publish", free, secret[0], secret[1], "--allow-list", folder["list"])
        #expect(readable.status == 1 && readable.standardError.contains("has mode 0640"))
    }

    @Test func theListIsReadAnewAndADamagedOneKeepsTheOld() async throws {
        let folder = try Folder()
        for name in ["m.key", "early.key", "late.key"] {
            #expect(try await Program.run(["keys", "generate", folder[name]]).status == 0)
        }
        #expect(
            try await Program.run(["keys", "allow", "early", folder["early.key"], "--allow-list", folder["list"]])
                .status == 0)
        let monitor = try Program([
            "run", "--bind", "tcp://127.0.0.1:0", "--publish", "tcp://127.0.0.1:0", "--model",
            try await TaughtModels.untuned(), "--json", "--curve-secret", folder["m.key"], "--allow-list",
            folder["list"],
        ])
        let input = try #require(await monitor.line(beginning: "frames from "))
        let output = try #require(await monitor.line(beginning: "verdicts at "))
        func replay(_ key: String) async throws -> Int32 {
            try await Program.run([
                "replay", Program.fixture("captures/pubsub.pcap"), "--to", input, "--curve-secret", folder[key],
                "--server-key", folder["m.key"],
            ]).status
        }
        // Verdicts are for keys on the list too.
        let subscriber = try Program([
            "verdicts", output, "--json", "--curve-secret", folder["early.key"], "--server-key", folder["m.key"],
        ])
        _ = try #require(await subscriber.line(beginning: "connected to"))
        #expect(try await replay("early.key") == 0)
        try Data("early\n".utf8).write(to: URL(filePath: folder["list"]))
        _ = try #require(await monitor.errorLine { $0.contains("line 1: expected NAME KEY") })
        #expect(try await replay("early.key") == 0, "the old list stays in use")
        try FileManager.default.removeItem(atPath: folder["list"])
        #expect(
            try await Program.run(["keys", "allow", "late", folder["late.key"], "--allow-list", folder["list"]]).status
                == 0)
        _ = try #require(await monitor.errorLine { $0.contains("read anew: 1 keys") })
        #expect(try await replay("late.key") == 0)
        kill(monitor.processIdentifier, SIGHUP)
        _ = try #require(await monitor.errorLines(count: 2) { $0.contains("read anew: 1 keys") })
        _ = try #require(await subscriber.outputLine { $0.contains(#""is_simulated":true"#) })
        subscriber.terminate()
        monitor.terminate()
        let ended = await monitor.finish()
        #expect(ended.status == 0 && ended.standardError.contains("admitted by key: early 3, late 1\n"))
        #expect(await subscriber.finish().status == 0)
    }
}
