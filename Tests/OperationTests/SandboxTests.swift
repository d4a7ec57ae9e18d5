import Foundation
import Inspection
import TestPrograms
import Testing

/// The units' restrictions, tried on the built program: tools/sandbox.py applies them with bubblewrap and seccomp.
@Suite(
    .serialized,
    .enabled(Comment(rawValue: Tools.sandboxNeed)) { await Tools.canSandbox() },
    .timeLimit(.minutes(30)))
struct SandboxTests {
    /// Each restriction, on a program that tries what it forbids; the same program without it can do it.
    @Test(arguments: [
        ("import os; os.open('/etc/probe', os.O_CREAT | os.O_WRONLY)", "Read-only file system"),
        ("import mmap; mmap.mmap(-1, 4096, prot=7)", "Operation not permitted"),
        ("import os; os.nice(1)", "Operation not permitted"),
        ("import os; os.sched_setaffinity(0, [0])", "Operation not permitted"),
        ("import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", "Address family not supported"),
        ("import os; os.chmod('/tmp', 0o4755)", "Operation not permitted"), ("open('/proc/meminfo')", "No such file"),
        ("import os; os.chown('/tmp', 1, 1)", "Operation not permitted"),
        ("import os; os.stat('/dev/kmsg')", "No such file"),
        ("import os; print(os.listdir('/home'), 1 / len(os.listdir('/home')))", "ZeroDivisionError"),
    ])
    func whatIsForbiddenFails(program: String, complaint: String) async throws {
        let output = try await Tools.run(Tools.sandbox(writable: []) + [Tools.python.path, "-c", program])
        #expect(output.status != 0 && output.standardError.contains(complaint), "\(program): \(output.standardError)")
    }

    /// The monitor judges parts, draws, answers over HTTP, reloads and ends, and makes no call that the unit forbids: one would kill it.
    /// (scanward@.service differs in its names alone: UnitTests.)
    @Test func theMonitorLivesWithThem() async throws {
        let folder = try ScratchFolder("sandbox")
        let model = try await QuickModel.folder()
        let manager = try NotifyListener(folder.file("notify"))
        let monitor = try Program(
            [
                "run", "--bind", "tcp://127.0.0.1:0", "--publish", "tcp://127.0.0.1:0", "--replay", "tcp://127.0.0.1:0",
                "--http", "127.0.0.1:0", "--state", folder.file("state"), "--heatmaps", folder.file("maps"), "--model",
                model,
                "--json",
            ],
            startedBy: Tools.sandbox(kills: true, writable: [folder.path], visible: [model]),
            environment: ["NOTIFY_SOCKET": folder.file("notify"), "WATCHDOG_USEC": "2000000"])
        let input = try #require(await monitor.line(beginning: "frames from "))
        _ = await manager.message { $0 == "WATCHDOG=1" }
        let replay = try await Program.run([
            "replay", Program.fixture("captures/line.pcap"), "--to", input, "--topspeed",
        ])
        #expect(replay.status == 0, "\(replay.standardError)")
        _ = await monitor.outputLine(36) { $0.hasPrefix("{") }
        let before = manager.messages.count
        monitor.signal(SIGHUP)
        _ = await manager.message(from: before) { $0.hasPrefix("READY=1") }
        let http = try #require(await monitor.line(beginning: "http at "))
        let answer = try await Tools.run([
            Tools.python.path, "-c",
            "import sys, urllib.request as u; print(len(u.urlopen(sys.argv[1]).read().splitlines()))",
            http + "/api/verdicts",
        ])
        #expect(answer.standardOutput == "36\n", "\(answer.standardError)")
        monitor.signal(SIGTERM)
        let output = await monitor.finish()
        #expect(output.status == 0, "\(output.standardError)")
        let verdicts = try Verdict.decode(lines: output.standardOutput)
        #expect(verdicts.count == 36 && Set(verdicts.map(\.evaluation)).isSuperset(of: [.ok, .notOK, .undefined]))
        #expect(output.standardError.contains("SIGHUP: the models are those in use"))
        #expect(FileManager.default.fileExists(atPath: folder.file("maps/index.html")))
    }
}
