import Foundation
import Inspection
import TestPrograms
import Testing

/// What the README leads a newcomer through, in its order: a model, the monitor, a scanner that is none, the browser's
/// address, a threshold that is changed while it runs, and a part's story.
@Suite struct FirstHourTests {
    @Test func fromTheReadmeToAChangedThreshold() async throws {
        let folder = try ScratchFolder("hour")
        let models = folder.path + "/models", state = folder.path + "/state"
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: try await QuickModel.folder(), toPath: models + "/mug")
        let monitor = try Program([
            "run", "--model", models, "--state", state, "--bind", "tcp://127.0.0.1:0", "--publish", "none",
            "--replay", "none", "--http", "127.0.0.1:0", "--json",
        ])
        defer { monitor.signal(SIGKILL) }
        let input = try #require(await monitor.line(beginning: "frames from "))
        let address = try #require(await monitor.line(beginning: "http at "))
        #expect(address.hasPrefix("http://127.0.0.1:"))

        let good = try #require(try Truth.read().parts.first { $0.type == "mug" && $0.evaluation == .ok })
        let scan = Program.fixture("parts/mug/test/\(good.id).pcd")
        func send() async throws -> Program.Output {
            try await Program.run(["fake-scanner", scan, "--to", input, "--part-type", "mug", "--topspeed"])
        }
        func verdict(_ number: Int) async throws -> Verdict {
            let line = try #require(await monitor.outputLine(number) { $0.hasPrefix("{") })
            return try #require(try Verdict.decode(lines: line).first)
        }
        #expect(try await send().status == 0)
        let first = try await verdict(1)
        #expect(first.partID == good.id && first.evaluation == .ok && first.frames.received == 4)

        // Below what a good part scores, and so only with --force: the same scan fails from then on.
        let score = try #require(first.score)
        let set = try await Program.run([
            "threshold", "set", models + "/mug", "\(score / 2)", "--force", "--reason", "a stricter customer",
        ])
        #expect(set.status == 0, "\(set.standardError)")
        let reload = try await Program.run(["reload", "--state", state])
        #expect(reload.status == 0, "\(reload.standardError)")
        #expect(try await send().status == 0)
        let second = try await verdict(2)
        #expect(second.evaluation == .notOK && second.score == score)
        #expect(abs((second.threshold ?? 0) - score / 2) < 1e-3)
        #expect(second.configHash != first.configHash && second.resultID != first.resultID)

        let why = try await Program.run(["why", good.id, "--state", state])
        #expect(why.status == 0, "\(why.standardError)")
        #expect(why.standardOutput.contains(good.id) && why.standardOutput.lowercased().contains("not ok"))
        monitor.terminate()
        #expect(await monitor.finish().status == 0)
    }
}
