import Foundation
import TestPrograms
import Testing
import ZeroMQ

/// `scanward doctor`, on the built binary: each planted fault is named by its cause, and a line that is well is well.
@Suite(.serialized) struct DoctorTests {
    struct Line: Decodable {
        var check: String
        var state: String
        var cause: String?
        var text: String
        var advice: String?
    }

    struct Report {
        var status: Int32
        var lines: [Line]
        var errors: String
        var causes: Set<String> { Set(lines.compactMap(\.cause)) }
    }

    /// Runs it for a line in `folder`, where nothing but what `arguments` says is wrong.
    private func examine(
        _ folder: ScratchFolder, _ arguments: [String], model: String? = nil, state: String? = nil,
        selfTest: Bool = false, environment: [String: String] = [:]
    ) async throws -> Report {
        let models = if let model { model } else { try await QuickModel.folder() }
        var options = [
            "doctor", "--json", "--publish", "ipc://" + folder.file("out"), "--replay",
            "ipc://" + folder.file("replay"),
            "--http", "none", "--model", models, "--state", state ?? folder.file("state"),
        ]
        if !arguments.contains("--bind") && !arguments.contains("--connect") {
            options += ["--bind", "ipc://" + folder.file("in")]
        }
        if !arguments.contains("--listen") { options += ["--listen", "0"] }
        if !selfTest { options.append("--no-self-test") }
        let output = try await Program(options + arguments, environment: environment).finish()
        let lines = try output.standardOutput.split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
        return Report(status: output.status, lines: lines, errors: output.standardError)
    }

    /// A fake scanner that goes on until the doctor has heard enough.
    private func scanner(_ folder: ScratchFolder, _ arguments: [String], parts: String = "mug") throws -> Program {
        try Program(
            [
                "fake-scanner", "--to", "ipc://" + folder.file("in"), "--topspeed", "--loop", "0", "--part-type", "mug",
                Program.fixture("parts/\(parts)/test/\(parts)_01.pcd"),
                Program.fixture("parts/\(parts)/test/\(parts)_02.pcd"),
            ] + arguments)
    }

    @Test func aLineThatIsWellIsWell() async throws {
        let folder = try ScratchFolder("doctor")
        let scanner = try scanner(folder, [])
        let report = try await examine(folder, ["--listen", "60"], selfTest: true)
        scanner.terminate()
        #expect(report.status == 0, "\(report)")
        #expect(report.causes.isEmpty)
        for check in ["libraries", "clock", "disk", "journal", "models", "ports", "source", "self-test"] {
            #expect(report.lines.contains { $0.check == check && $0.state == "ok" }, "\(check): \(report)")
        }
    }

    /// What is told from what the scanner sends.
    @Test(arguments: [
        ("wrong-unit", "wrong_unit"), ("clock-skew=3600", "clock_off"), ("unknown-type", "no_model"),
        ("corrupt=1", "frames_refused"),
    ])
    func aFaultOfTheScanner(fault: String, cause: String) async throws {
        let folder = try ScratchFolder("doctor")
        let scanner = try scanner(folder, ["--fault", fault])
        let report = try await examine(folder, ["--listen", "60"])
        scanner.terminate()
        #expect(report.status == 6, "\(report)")
        #expect(report.causes == [cause], "\(report)")
        #expect(report.lines.allSatisfy { ($0.state == "look") == ($0.advice != nil) }, "what is wrong has an advice")
    }

    @Test func anotherPartThanTaught() async throws {
        let folder = try ScratchFolder("doctor")
        let scanner = try scanner(folder, [], parts: "tap")
        let report = try await examine(folder, ["--listen", "60"])
        scanner.terminate()
        #expect(report.causes == ["template_mismatch"], "\(report)")
    }

    @Test func aSourceThatIsSilent() async throws {
        let folder = try ScratchFolder("doctor")
        let report = try await examine(folder, ["--listen", "0.2"])
        #expect(report.status == 6)
        #expect(report.causes == ["source_silent"], "\(report)")
    }

    @Test func aPortThatIsTaken() async throws {
        let folder = try ScratchFolder("doctor")
        let holder = try Socket(.pull, context: try Context(), options: .frames)
        let endpoint = try holder.bind("tcp://127.0.0.1:0")
        let report = try await examine(folder, ["--bind", endpoint])
        #expect(report.causes == ["port_taken"], "\(report)")
        #expect(report.lines.contains { $0.text.contains("process \(ProcessInfo.processInfo.processIdentifier)") })
        withExtendedLifetime(holder) {}
    }

    @Test func aModelThatIsDamaged() async throws {
        let folder = try ScratchFolder("doctor")
        let copy = folder.url.appending(path: "models")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: URL(filePath: try await QuickModel.folder()), to: copy.appending(path: "mug"))
        let weights = copy.appending(path: "mug/weights.safetensors")
        var bytes = try Data(contentsOf: weights)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: weights)
        let report = try await examine(folder, [], model: copy.path)
        #expect(report.causes == ["model_corrupt"], "\(report)")
        #expect(report.lines.contains { $0.text.contains("weights.safetensors is damaged") })
    }

    /// Keys: a scanner that is not on the list, and a scanner whose public key is another.
    @Test func aWrongKey() async throws {
        let folder = try ScratchFolder("doctor")
        for name in ["monitor", "listed", "other"] {
            #expect(try await Program.run(["keys", "generate", folder.file(name)]).status == 0)
        }
        let allow = ["keys", "allow", "listed", folder.file("listed"), "--allow-list", folder.file("list")]
        #expect(try await Program.run(allow).status == 0)
        let stranger = try scanner(
            folder, ["--curve-secret", folder.file("other"), "--server-key", folder.file("monitor")])
        let refused = try await examine(
            folder,
            ["--listen", "60", "--curve-secret", folder.file("monitor"), "--allow-list", folder.file("list")])
        stranger.terminate()
        #expect(refused.causes == ["wrong_key"], "\(refused)")

        let address = "ipc://" + folder.file("pub")
        let publisher = try Program([
            "fake-scanner", "--bind", address, "--curve-secret", folder.file("monitor"), "--allow-list",
            folder.file("list"), Program.fixture("parts/mug/test/mug_01.pcd"),
        ])
        _ = try #require(await publisher.line(beginning: "frames at "))
        let wrong = try await examine(
            folder,
            [
                "--connect", address, "--listen", "60", "--curve-secret", folder.file("listed"), "--server-key",
                folder.file("other"), "--publish", "none", "--replay", "none",
            ])
        publisher.terminate()
        #expect(wrong.causes == ["wrong_key"], "\(wrong)")
    }

    /// libzmq as a build without CURVE would answer.
    @Test func aLibzmqWithoutCurve() async throws {
        let folder = try ScratchFolder("doctor")
        let source = """
            #include <string.h>
            int zmq_has(const char *what) { return strcmp(what, "curve") == 0 ? 0 : 1; }
            """
        try Data(source.utf8).write(to: folder.url.appending(path: "no_curve.c"))
        let compiler = try Program(
            ["clang", "-shared", "-fPIC", "-o", folder.file("no_curve.so"), folder.file("no_curve.c")],
            binary: URL(filePath: "/usr/bin/env"))
        let compiled = await compiler.finish()
        try #require(compiled.status == 0, "\(compiled.standardError)")
        let report = try await examine(folder, [], environment: ["LD_PRELOAD": folder.file("no_curve.so")])
        #expect(report.causes == ["no_curve"], "\(report)")
    }
}

/// A file system in memory, unmounted when nobody holds it.
private final class SmallDisk {
    let folder: ScratchFolder

    init?(_ options: String) async throws {
        folder = try ScratchFolder("disk")
        guard geteuid() == 0, try await mount(options) else { return nil }
    }

    /// Whether this process may.
    static func isPossible() async -> Bool { (try? await SmallDisk("size=1m")) != nil }

    func mount(_ options: String) async throws -> Bool {
        let mount = try Program(
            ["-t", "tmpfs", "-o", options, "tmpfs", folder.path], binary: URL(filePath: "/bin/mount"))
        return await mount.finish().status == 0
    }

    deinit { umount2(folder.path, Int32(MNT_DETACH)) }
}

/// What needs a file system of its own.
@Suite(
    .serialized,
    .enabled("needs root, to mount a small tmpfs") { await SmallDisk.isPossible() })
struct DoctorDiskTests {
    private func causes(_ state: String) async throws -> [String] {
        let folder = try ScratchFolder("doctor")
        let output = try await Program.run([
            "doctor", "--json", "--bind", "ipc://" + folder.file("in"), "--publish", "none", "--replay", "none",
            "--http", "none", "--model", try await QuickModel.folder(), "--state", state, "--listen", "0",
            "--no-self-test",
        ])
        #expect(output.status == 6, "\(output.standardOutput)")
        return try output.standardOutput.split(separator: "\n").compactMap {
            try JSONDecoder().decode(DoctorTests.Line.self, from: Data($0.utf8)).cause
        }
    }

    @Test func aDiskThatIsFull() async throws {
        let disk = try #require(try await SmallDisk("size=8m"))
        #expect(try await causes(disk.folder.path) == ["disk_full"])
    }

    @Test func aJournalThatCannotBeWritten() async throws {
        let disk = try #require(try await SmallDisk("size=64m,ro"))
        #expect(try await causes(disk.folder.path) == ["journal_read_only"])
    }
}
