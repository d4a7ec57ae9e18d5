import Foundation
import PointCloudFiles
import TestPrograms

/// `scanward run` with its dashboard, a scanner, and a browser before it.
struct WatchedLine {
    let monitor: Program
    let address: String
    let scanner: FrameSender
    let browser: Chromium
    let folder: ScratchFolder

    static let token = "tokens"

    /// Starts it with a model made in seconds, of which it has a copy of its own.
    ///
    /// - Parameters:
    ///   - isEmpty: with a folder in which there is no model.
    ///   - arguments: further ones of `run`.
    static func start(isEmpty: Bool = false, arguments: [String] = []) async throws -> WatchedLine {
        let folder = try ScratchFolder("board"), files = FileManager.default
        if isEmpty {
            try files.createDirectory(atPath: folder.file("mug"), withIntermediateDirectories: true)
        } else {
            try files.copyItem(atPath: try await QuickModel.folder(), toPath: folder.file("mug"))
        }
        let input = "ipc://" + folder.file("in")
        let monitor = try Program(
            [
                "run", "--bind", input, "--publish", "none", "--replay", "none", "--state", folder.file("state"),
                "--model",
                folder.file("mug"), "--http", "127.0.0.1:0", "--tokens", try await tokens(in: folder),
            ] + arguments)
        guard let address = await monitor.line(beginning: "http at ", onOutput: true) else {
            throw Chromium.Failed(description: await monitor.finish().standardError)
        }
        return WatchedLine(
            monitor: monitor, address: address, scanner: try FrameSender(to: input),
            browser: try Chromium(profile: folder.file("profile")), folder: folder)
    }

    private static func tokens(in folder: ScratchFolder) async throws -> String {
        let file = folder.file("tokens")
        let made = try await Program.run(["tokens", "create", "otto", "--role", "operator", "--file", file])
        try Data(made.standardOutput.utf8).write(to: URL(filePath: folder.file("otto")))
        return file
    }

    /// The operator's token.
    var token: String {
        get throws {
            try String(contentsOfFile: folder.file("otto"), encoding: .utf8).split(separator: "\n").first.map(
                String.init)
                ?? ""
        }
    }

    /// Sends a scan of the fixtures as the part `id`.
    func send(_ scan: String, as id: String) throws {
        let path = Program.fixture("parts/mug/test/\(scan).pcd")
        let points = try PointCloudFile.read([UInt8](Data(contentsOf: URL(filePath: path)))).points
        try scanner.send(part: id, type: "mug", points: points)
    }

    func stop() async -> Program.Output {
        browser.close()
        scanner.close()
        monitor.terminate()
        return await monitor.finish()
    }
}
