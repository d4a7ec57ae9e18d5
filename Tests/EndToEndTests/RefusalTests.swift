import Foundation
import TestPrograms
import Testing
import TestPrograms
import ZeroMQ

/// Bad input gets a sentence: what was expected, what was found, what to do.
@Suite struct RefusalTests {
    @Test func aCaptureThatIsNotThere() async throws {
        let output = try await Program.run(["replay", "/nonexistent/line.pcap", "--to", "tcp://127.0.0.1:5600"])
        #expect(output.status == 1)
        #expect(output.standardError.contains("/nonexistent/line.pcap: no such file"))
    }

    @Test(arguments: ["replay", "run"]) func aCaptureWithoutFrames(command: String) async throws {
        let output = try await read("no-frames.pcap", with: command)
        #expect(output.status == 3)
        #expect(output.standardError.contains("127.0.0.1:"), "names the flows")
        #expect(output.standardError.contains("bytes"))
    }

    @Test(arguments: ["replay", "run"]) func aCaptureOfEncryptedTraffic(command: String) async throws {
        let output = try await read("curve.pcap", with: command)
        #expect(output.status == 3)
        #expect(output.standardError.contains("CURVE"))
        #expect(output.standardError.contains("cannot be replayed"))
    }

    @Test func aFolderThatIsNoModelIsNotReplaced() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "scanward-kept-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("kept".utf8).write(to: folder.appending(path: "other.txt"))
        let output = try await Program.run([
            "teach", "--type", "mug", "--replace", "--out", folder.path, Program.fixture("parts/mug/train"),
        ])
        #expect(output.status == 1)
        #expect(output.standardError.contains("is not a model folder"))
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: "other.txt").path))
    }

    @Test(arguments: ["--bind", "--publish"]) func aPortInUse(option: String) async throws {
        let context = try Context()
        let holder = try Socket(.pull, context: context, options: .frames)
        let endpoint = try holder.bind("tcp://127.0.0.1:0")
        let output = try await Program.run([
            "run", "--bind", option == "--bind" ? endpoint : "tcp://127.0.0.1:0", "--publish",
            option == "--publish" ? endpoint : "none", "--model", try await TaughtModels.folder(),
        ])
        #expect(output.status == 1)
        #expect(output.standardError.contains("\(option): \(endpoint) is in use by another process"))
        holder.close()
    }

    @Test(arguments: [
        "weights.safetensors", "template.safetensors", "calibration.safetensors", "settings.json", "manifest.json",
    ])
    func aModelWithAFlippedByte(file: String) async throws {
        let copy = FileManager.default.temporaryDirectory.appending(path: "scanward-flipped-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.copyItem(
            at: URL(filePath: try await TaughtModels.folder()).appending(path: "mug"), to: copy)
        var bytes = try Data(contentsOf: copy.appending(path: file))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: copy.appending(path: file))
        let output = try await Program.run([
            "score", Program.fixture("parts/mug/test/mug_01.pcd"), "--model", copy.path,
        ])
        #expect(output.status == 1)
        #expect(output.standardError.contains("\(file) is damaged: expected SHA-256"))
    }

    @Test func aCloudThatIsCutShortIsNamedAndTheOthersGoOn() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "scanward-cut-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let whole = try Data(contentsOf: URL(filePath: Program.fixture("parts/mug/test/mug_01.pcd")))
        try whole.write(to: folder.appending(path: "b.pcd"))
        try whole.prefix(whole.count * 2 / 3).write(to: folder.appending(path: "a.pcd"))
        let output = try await Program.run([
            "score", folder.path, "--model", try await TaughtModels.folder() + "/mug", "--json",
        ])
        #expect(output.status == 1)
        #expect(output.standardError.contains("a.pcd"))
        #expect(output.standardError.contains("expected"))
        #expect(output.standardOutput.contains(#""part_id":"b""#))
    }

    private func read(_ capture: String, with command: String) async throws -> Program.Output {
        let file = Program.fixture("captures/\(capture)")
        if command == "replay" { return try await Program.run(["replay", file, "--to", "tcp://127.0.0.1:5600"]) }
        return try await Program.run([
            "run", "--capture", file, "--publish", "none", "--model", try await TaughtModels.folder(),
        ])
    }
}
