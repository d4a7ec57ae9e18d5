import Foundation
import Inspection
import PointCloudFiles
import TestPrograms
import Testing

/// A line that was installed, and taught nothing yet.
@Suite(.timeLimit(.minutes(30))) struct FirstStartTests {
    @Test func aLineWithoutModelsRunsAndTakesTheFirstOnReload() async throws {
        let folder = try ScratchFolder("first")
        try FileManager.default.createDirectory(atPath: folder.file("models"), withIntermediateDirectories: true)
        try Data("models: [models]\nstate:\n  folder: state\nsinks:\n  publish: none\n  replay: none\n".utf8).write(
            to: URL(filePath: folder.file("scanward.yaml")))
        let check = try await Program.run(["config", "check", folder.file("scanward.yaml")])
        #expect(check.status == 0 && check.standardOutput.contains("models: no model lies in "), "\(check)")
        let monitor = try Program([
            "run", "--config", folder.file("scanward.yaml"), "--bind", "ipc://" + folder.file("in"), "--json",
        ])
        let scoring = try #require(await monitor.line(beginning: "scored by "))
        #expect(scoring == "no model yet: every part is undefined until one is taught")
        let path = Program.fixture("parts/mug/test/mug_01.pcd")
        let points = try PointCloudFile.read([UInt8](Data(contentsOf: URL(filePath: path)))).points
        let sender = try FrameSender(to: "ipc://" + folder.file("in"))
        _ = try sender.send(part: "before", type: "mug", points: points)
        _ = await monitor.outputLine(1) { $0.hasPrefix("{") }
        try FileManager.default.copyItem(atPath: try await QuickModel.folder(), toPath: folder.file("models/mug"))
        monitor.signal(SIGHUP)
        _ = try #require(await monitor.errorLine { $0.contains("from the next part on scored by mug") })
        _ = try sender.send(part: "after", type: "mug", points: points)
        _ = await monitor.outputLine(2) { $0.hasPrefix("{") }
        monitor.terminate()
        let output = await monitor.finish()
        sender.close()
        let verdicts = try Verdict.decode(lines: output.standardOutput)
        #expect(verdicts.map { $0.evaluation == .undefined } == [true, false])
        #expect(verdicts.first?.reasons.map(\.code) == ["no_model"] && verdicts.last?.score != nil)
    }

    /// The service reads the credential where the configuration names root's file (systemd.exec(5), LoadCredential).
    @Test func aCredentialStandsForTheKeyFileOfItsName() async throws {
        let folder = try ScratchFolder("credential")
        let made = try await Program.run(["keys", "generate", folder.file("keys_monitor.key")])
        let allowed = try await Program.run([
            "keys", "allow", "a", folder.file("keys_monitor.key"), "--allow-list", folder.file("list"),
        ])
        #expect(made.status == 0 && allowed.status == 0)
        try FileManager.default.createDirectory(atPath: folder.file("models"), withIntermediateDirectories: true)
        func check(_ environment: [String: String]) async throws -> Program.Output {
            try await Program(
                [
                    "config", "check", "--model", folder.file("models"), "--curve-secret",
                    "/etc/scanward/keys/monitor.key",
                    "--allow-list", folder.file("list"),
                ], environment: environment
            ).finish()
        }
        let alone = try await check([:])
        #expect(alone.status == 78 && alone.standardOutput.contains("/etc/scanward/keys/monitor.key"), "\(alone)")
        // As systemd leaves it where the file system has access lists: the mask shows as the group's right.
        try FileManager.default.setAttributes([.posixPermissions: 0o440], ofItemAtPath: folder.file("keys_monitor.key"))
        let handed = try await check(["CREDENTIALS_DIRECTORY": folder.path])
        #expect(handed.status == 0, "\(handed)")
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: folder.file("keys_monitor.key"))
        let open = try await check(["CREDENTIALS_DIRECTORY": folder.path])
        #expect(open.status == 78 && open.standardOutput.contains("has mode 0444"), "\(open)")
    }
}
