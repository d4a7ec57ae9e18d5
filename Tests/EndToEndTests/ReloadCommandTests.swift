import FrameProtocol
import Foundation
import Inspection
import PointCloudFiles
import TestPrograms
import Testing
import Threads
import ZeroMQ

/// `run --config` and `reload`, with parts flowing.
@Suite struct ReloadCommandTests {
    /// A monitor that runs from a file, and a scanner of one mug after the other.
    private final class Line: Sendable {
        let folder: ScratchFolder
        let monitor: Program
        private let mug: [SIMD3<Float>]

        static func configuration(threshold: Double, limits: String = "open_parts: 8", line: String = "l7") async throws
            -> String
        {
            """
            line: \(line)
            sources: {bind: "ipc://in"}
            models: \(try await QuickModel.folder())
            part_types: {mug: {threshold: \(threshold)}}
            sinks: {publish: none, replay: none, http: none}
            limits: {\(limits)}
            state: {folder: state}
            """
        }

        init() async throws {
            folder = try ScratchFolder("reload")
            let path = Program.fixture("parts/mug/test/mug_01.pcd")
            mug = try PointCloudFile.read([UInt8](Data(contentsOf: URL(filePath: path)))).points
            try Self.write(try await Self.configuration(threshold: 50), to: folder)
            monitor = try Program(["run", "--config", folder.file("scanward.yaml"), "--json"])
            _ = try #require(await monitor.line(beginning: "scored by "))
        }

        static func write(_ text: String, to folder: ScratchFolder) throws {
            let text = text.replacing("ipc://in", with: "ipc://" + folder.file("in"))
            try Data(text.utf8).write(to: URL(filePath: folder.file("scanward.yaml")), options: .atomic)
        }

        func write(_ text: String) throws { try Self.write(text, to: folder) }

        func reload(_ arguments: String...) async throws -> Program.Output {
            try await Program.run(["reload", "--config", folder.file("scanward.yaml")] + arguments)
        }

        /// The verdict on the `number`-th part, which is sent now.
        func verdict(_ number: Int) async throws -> Verdict {
            let sender = try FrameSender(to: "ipc://" + folder.file("in"), session: "s\(number)")
            defer { sender.close() }
            try sender.send(part: "part-\(number)", type: "mug", points: mug)
            let line = try #require(await monitor.outputLine(number) { $0.hasPrefix("{") })
            return try #require(try Verdict.decode(lines: line).first)
        }
    }

    @Test func aReloadIsTakenUpWholeOrNotAtAll() async throws {
        let line = try await Line()
        let first = try await line.verdict(1)
        #expect(first.line == "l7" && first.threshold == 50)

        try line.write(try await Line.configuration(threshold: 60, limits: "open_parts: 4"))
        let applied = try await line.reload()
        #expect(applied.status == 0, "\(applied)")
        #expect(
            applied.standardOutput
                == "from the next part on: part_types.mug.threshold 50.0 -> 60.0, limits.open_parts 8 -> 4\n")
        let second = try await line.verdict(2)
        #expect(second.threshold == 60 && second.configHash != first.configHash)
        #expect(second.model?.id == first.model?.id)

        // One fault, and one good change that must not be taken up with it.
        try line.write(try await Line.configuration(threshold: 70, limits: "open_parts: none"))
        let refused = try await line.reload()
        #expect(refused.status == 78)
        #expect(
            refused.standardOutput.contains(
                "scanward.yaml:6: limits.open_parts: expected a whole number from 1 to 100000, found \"none\""))
        #expect(refused.standardOutput.contains("the configuration in use stays"))
        let third = try await line.verdict(3)
        #expect(third.threshold == 60 && third.configHash == second.configHash)

        try line.write(try await Line.configuration(threshold: 70, line: "l8"))
        let restart = try await line.reload("--json")
        struct Answer: Decodable {
            struct Change: Decodable { var key: String, from: String?, to: String? }
            var is_applied: Bool, message: String, changes: [Change], process: Int32
        }
        let answer = try JSONDecoder().decode(Answer.self, from: Data(restart.standardOutput.utf8))
        #expect(restart.status == 78 && !answer.is_applied && answer.process == line.monitor.processIdentifier)
        #expect(answer.message.hasPrefix("line (l7 to l8) can be changed by a restart alone; nothing of the new"))
        #expect(answer.changes.map(\.key) == ["line"])
        #expect(try await line.verdict(4).configHash == second.configHash)

        // Not even YAML, and with that no state folder: told without asking the monitor.
        try line.write("line: [\n")
        let broken = try await line.reload()
        #expect(broken.status == 78 && broken.standardError.contains("scanward.yaml:2: expected YAML"), "\(broken)")
        let told = try await line.reload("--state", line.folder.file("state"))
        #expect(told.status == 78 && told.standardOutput.contains("the configuration in use stays"), "\(told)")

        try line.write(try await Line.configuration(threshold: 60, limits: "open_parts: 4"))
        let same = try await line.reload()
        #expect(same.status == 0)
        #expect(same.standardOutput == "the configuration and the models are those in use\n")
        line.monitor.terminate()
        let output = await line.monitor.finish()
        #expect(output.status == 0)
        #expect(output.standardError.contains("scanward: SIGHUP: from the next part on: part_types.mug.threshold"))
        let check = try await Program.run(["journal", "check", line.folder.file("state")])
        #expect(check.status == 0)
        #expect(check.standardOutput.contains("configuration_changed"), "\(check.standardOutput)")
        #expect(check.standardOutput.contains("configuration_refused"))

        let gone = try await line.reload()
        #expect(gone.status == 1 && gone.standardError.contains("found none that runs"))
    }

    /// Two scanners that publish, each at an address and with a key of its own.
    @Test func severalScannersAreConnectedTo() async throws {
        let folder = try ScratchFolder("connect")
        let generated = try await Program.run(["keys", "generate", folder.file("m.key")])
        let line = try String(contentsOfFile: folder.file("m.key"), encoding: .utf8).split(separator: "\n")
            .first { $0.contains("public-key") }
        let monitorKey = try #require(
            line?.split(separator: "\"").last.flatMap { CurveKey(String($0)) }, "\(generated)")
        let scanners = try ["a", "b"].map {
            try PublishingScanner(at: "ipc://" + folder.file($0), name: "scanner-\($0)", admitting: monitorKey)
        }
        let text = """
            sources:
              connect: ["ipc://\(folder.file("a"))", "ipc://\(folder.file("b"))"]
              server_keys: ['\(scanners[0].publicKey)', '\(scanners[1].publicKey)']
              part_type_by_scanner: {scanner-b: mug}
              part_type: unheard-of
            access: {curve_secret_file: m.key}
            models: \(try await QuickModel.folder())
            sinks: {publish: none}
            """
        try Data(text.utf8).write(to: URL(filePath: folder.file("scanward.yaml")))
        let monitor = try Program(["run", "--config", folder.file("scanward.yaml"), "--json", "--until-parts", "2"])
        let output = await monitor.finish()
        let verdicts = try Verdict.decode(lines: output.standardOutput)
        #expect(Set(verdicts.map(\.source)) == ["scanner-a", "scanner-b"], "\(output)")
        for verdict in verdicts {
            // Fifty points are too few for a mug; of the other type there is no model.
            #expect(verdict.evaluation == (verdict.source == "scanner-a" ? .undefined : .notDecidable), "\(verdict)")
            #expect(verdict.partType == (verdict.source == "scanner-a" ? "unheard-of" : "mug"))
        }
        scanners.forEach { $0.close() }
    }
}

/// A scanner that listens, and sends one part without a type to the first that subscribes.
private final class PublishingScanner: Sendable {
    let publicKey: CurveKey
    private let stop = StopSignal()
    private let thread: JoinableThread

    init(at endpoint: String, name: String, admitting client: CurveKey) throws {
        let keys = try CurveKeyPair.generate()
        publicKey = keys.publicKey
        let context = try Context()
        var list = AllowList(), options = SocketOptions.frames
        try list.add(.init(name: "monitor", key: client))
        options.security = .curveServer(keys, gate: try AccessGate(context: context, allowList: list))
        let socket = try Socket(.xpub, context: context, options: options)
        _ = try socket.bind(endpoint)
        thread = JoinableThread(name: "scanner", owning: socket) { [stop] socket in
            guard (try? socket.receive(unless: stop)) != nil else { return }
            let header = FrameHeader(
                source: name, session: "s", seq: 0, partID: "p", frameIndex: 0, endOfPart: true,
                captureNanoseconds: 1)
            let points = (0..<50).map { SIMD3<Float>(Float($0), Float($0 % 10), 0) }
            _ = try? socket.send(FrameEncoder().encode(header, points: points))
            _ = stop.wait(until: nil)
        }
    }

    func close() {
        stop.raise()
        thread.join()
    }
}
