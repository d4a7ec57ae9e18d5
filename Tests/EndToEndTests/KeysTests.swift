import FrameProtocol
import Foundation
import Inspection
import TestPrograms
import Testing
import ZeroMQ

/// Who may connect, on the built binary.
@Suite struct KeysTests {
    @Test func aKeyPairIsForItsOwnerAndAListNamesWhoMayConnect() async throws {
        let folder = try ScratchFolder("keys")
        let made = try await Program.run(["keys", "generate", folder.file("a.key")])
        #expect(made.status == 0)
        let key = made.standardOutput.trimmingCharacters(in: .newlines)
        #expect(CurveKey(key) != nil)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.file("a.key"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let again = try await Program.run(["keys", "generate", folder.file("a.key")])
        #expect(again.status == 1 && again.standardError.contains("not written over"))

        for (name, key) in [("scanner-a", folder.file("a.key")), ("mes", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID")] {
            #expect(
                try await Program.run(["keys", "allow", name, key, "--allow-list", folder.file("list")]).status == 0)
        }
        let list = try await Program.run(["keys", "list", "--allow-list", folder.file("list")])
        #expect(
            list.standardOutput == "scanner-a  \(key)  \(folder.file("list"))\n"
                + "mes        Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID  \(folder.file("list"))\n")
        let json = try await Program.run(["keys", "list", "--json", "--allow-list", folder.file("list")])
        let listed = try JSONDecoder().decode([[String: String]].self, from: Data(json.standardOutput.utf8))
        #expect(listed.first == ["name": "scanner-a", "key": key] && listed.count == 2)
        let twice = try await Program.run(["keys", "allow", "other", key, "--allow-list", folder.file("list")])
        #expect(twice.status == 1 && twice.standardError.contains("stands for \"scanner-a\" already"))
        try Data("# ours\nscanner-a short\n".utf8).write(to: URL(filePath: folder.file("list")))
        let damaged = try await Program.run(["keys", "list", "--allow-list", folder.file("list")])
        #expect(damaged.status == 1 && damaged.standardError.contains("list, line 2: expected a CURVE key"))
    }

    @Test func whatWouldLetStrangersInIsRefusedAtTheStart() async throws {
        let folder = try ScratchFolder("keys")
        #expect(try await Program.run(["keys", "generate", folder.file("m.key")]).status == 0)
        #expect(
            try await Program.run(["keys", "allow", "m", folder.file("m.key"), "--allow-list", folder.file("list")])
                .status == 0)
        let models = try await QuickModel.folder()
        func run(_ options: String...) async throws -> Program.Output {
            try await Program.run(["run", "--model", models] + options)
        }
        let secret = ["--curve-secret", folder.file("m.key")]
        let free = "tcp://127.0.0.1:0"
        let noList = try await run("--bind", free, "--publish", free, secret[0], secret[1])
        #expect(noList.status == 64 && noList.standardError.contains("expected --allow-list FILE too"))
        let noServer = try await run("--connect", "tcp://127.0.0.1:1", "--publish", "none", secret[0], secret[1])
        #expect(noServer.status == 64 && noServer.standardError.contains("expected --server-key KEY too"))
        let noSecret = try await run("--bind", free, "--publish", free, "--allow-list", folder.file("list"))
        #expect(noSecret.status == 64 && noSecret.standardError.contains("--allow-list goes with --curve-secret"))
        for option in ["--bind", "--publish"] {
            let other = option == "--bind" ? "--publish" : "--bind"
            let open = try await run(option, "tcp://*:0", other, free)
            #expect(
                open.status == 64
                    && open.standardError.contains("\(option): tcp://*:0 can be reached by other machines")
            )
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder.file("m.key"))
        let readable = try await run(
            "--bind", free, "--publish", free, secret[0], secret[1], "--allow-list", folder.file("list"))
        #expect(readable.status == 1 && readable.standardError.contains("has mode 0640"))
    }

    @Test func theListIsReadAnewAndADamagedOneKeepsTheOld() async throws {
        let folder = try ScratchFolder("keys")
        for name in ["m.key", "early.key", "late.key"] {
            #expect(try await Program.run(["keys", "generate", folder.file(name)]).status == 0)
        }
        #expect(
            try await Program.run([
                "keys", "allow", "early", folder.file("early.key"), "--allow-list", folder.file("list"),
            ])
            .status == 0)
        let monitor = try Program([
            "run", "--bind", "tcp://127.0.0.1:0", "--publish", "tcp://127.0.0.1:0", "--model",
            try await QuickModel.folder(), "--json", "--curve-secret", folder.file("m.key"), "--allow-list",
            folder.file("list"),
        ])
        let input = try #require(await monitor.line(beginning: "frames from "))
        let output = try #require(await monitor.line(beginning: "verdicts at "))
        func replay(_ key: String) async throws -> Int32 {
            try await Program.run([
                "replay", Program.fixture("captures/pubsub.pcap"), "--to", input, "--curve-secret", folder.file(key),
                "--server-key", folder.file("m.key"),
            ]).status
        }
        // Verdicts are for keys on the list too.
        let subscriber = try Program([
            "verdicts", output, "--json", "--curve-secret", folder.file("early.key"), "--server-key",
            folder.file("m.key"),
        ])
        _ = try #require(await subscriber.line(beginning: "connected to"))
        #expect(try await replay("early.key") == 0)
        try Data("early\n".utf8).write(to: URL(filePath: folder.file("list")))
        _ = try #require(await monitor.errorLine { $0.contains("line 1: expected NAME KEY") })
        #expect(try await replay("early.key") == 0, "the old list stays in use")
        try FileManager.default.removeItem(atPath: folder.file("list"))
        #expect(
            try await Program.run([
                "keys", "allow", "late", folder.file("late.key"), "--allow-list", folder.file("list"),
            ]).status
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

    @Test func earlierVerdictsAreForKeysOnTheListToo() async throws {
        let folder = try ScratchFolder("keys")
        for name in ["m.key", "mes.key", "stranger.key"] {
            #expect(try await Program.run(["keys", "generate", folder.file(name)]).status == 0)
        }
        #expect(
            try await Program.run(["keys", "allow", "mes", folder.file("mes.key"), "--allow-list", folder.file("list")])
                .status == 0)
        let free = "tcp://127.0.0.1:0"
        let monitor = try Program([
            "run", "--http", "none", "--bind", free, "--publish", free, "--replay", free, "--state",
            folder.file("state"), "--model",
            try await QuickModel.folder(), "--curve-secret", folder.file("m.key"), "--allow-list", folder.file("list"),
            "--json",
        ])
        let input = try #require(await monitor.line(beginning: "frames from "))
        let live = try #require(await monitor.line(beginning: "verdicts at "))
        let earlier = try #require(await monitor.line(beginning: "earlier verdicts at "))
        func keys(_ name: String) -> [String] {
            ["--curve-secret", folder.file(name), "--server-key", folder.file("m.key")]
        }
        let sent = try await Program.run(
            ["replay", Program.fixture("captures/pubsub.pcap"), "--to", input] + keys("mes.key"))
        #expect(sent.status == 0)
        let first = try #require(await monitor.outputLine { $0.contains(#""seq":1,"#) })
        // What was published before it came is to be had from the journal alone.
        let consumer = try await Program.run(
            ["verdicts", live, "--replay", earlier, "--consumer", "mes1", "--count", "1", "--json"] + keys("mes.key"))
        #expect(consumer.status == 0 && consumer.standardOutput == first + "\n")
        let stranger = try Program(
            ["verdicts", live, "--replay", earlier, "--from", "1", "--count", "1", "--json"] + keys("stranger.key"))
        _ = try #require(await monitor.errorLine { $0.contains("refused the key") })
        stranger.terminate()
        #expect(await stranger.finish().standardOutput == "")
        monitor.terminate()
        #expect(await monitor.finish().status == 0)
    }
}
