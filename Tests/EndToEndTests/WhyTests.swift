import Foundation
import TestPrograms
import Testing

/// `scanward why`: the story of one part, the sentence for the line first.
@Suite(.serialized) struct WhyTests {
    @Test func theStoryOfAPart() async throws {
        let folder = try ScratchFolder("why")
        let monitor = try Program([
            "run", "--http", "none", "--bind", "ipc://" + folder.file("in"), "--publish", "none", "--replay", "none",
            "--state",
            folder.file("state"), "--model", try await QuickModel.folder(), "--json", "--part-deadline", "1",
        ])
        _ = try #require(await monitor.line(beginning: "frames from "))
        func send(_ part: String, _ more: [String] = []) async throws {
            let sent = try await Program.run(
                ["fake-scanner", "--to", "ipc://" + folder.file("in"), "--topspeed", "--part-type", "mug"] + more
                    + [Program.fixture("parts/mug/test/\(part).pcd")])
            #expect(sent.status == 0, "\(sent.standardError)")
        }
        try await send("mug_04")
        _ = try #require(await monitor.outputLine(1) { $0.contains("\"verdict/1\"") })
        try await send("mug_03", ["--fault", "corrupt=1"])
        _ = try #require(await monitor.outputLine(2) { $0.contains("\"verdict/1\"") })
        try await send("mug_03", ["--fault", "unknown-type"])
        _ = try #require(await monitor.outputLine(3) { $0.contains("\"verdict/1\"") })
        monitor.terminate()
        #expect(await monitor.finish().status == 0)

        func why(_ part: String, _ more: [String] = []) async throws -> Program.Output {
            try await Program.run(["why", part, "--state", folder.file("state")] + more)
        }
        let bad = try await why("mug_04")
        #expect(bad.status == 0, "\(bad.standardError)")
        let first = try #require(bad.standardOutput.split(separator: "\n").first)
        #expect(first.hasPrefix("Part mug_04 is not good: at x "), "\(first)")
        #expect(first.hasSuffix("It must not go on."))
        for text in ["region 1", "threshold", "channels:", "frames: 4 received of 4", "infer", "mug_03", "model "] {
            #expect(bad.standardOutput.contains(text), "\(text)")
        }
        #expect(try await why("1").standardOutput == bad.standardOutput, "by its number")
        try Data("state: {folder: state}\n".utf8).write(to: URL(filePath: folder.file("line.yaml")))
        let byFile = try await Program.run(["why", "1", "--config", folder.file("line.yaml")])
        #expect(byFile.standardOutput == bad.standardOutput, "by the monitor's configuration")

        let twice = try await why("mug_03")
        #expect(twice.standardOutput.hasPrefix("Part mug_03 was not judged, as nobody has taught"))
        #expect(twice.standardOutput.contains("It was judged 2 times"))
        #expect(twice.standardOutput.contains("frame_refused"))
        let json = try await why("mug_03", ["--json"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(json.standardOutput.utf8)) as? [String: Any])
        let attempts = try #require(object["attempts"] as? [[String: Any]])
        #expect(attempts.count == 2)
        #expect(
            (attempts[0]["alerts"] as? [[String: Any]])?.contains { $0["code"] as? String == "frame_refused" } ?? false)

        let unknown = try await why("nobody")
        #expect(unknown.status == 1)
        #expect(unknown.standardError.contains("the last parts were mug_04, mug_03, mug_03"))
    }
}
