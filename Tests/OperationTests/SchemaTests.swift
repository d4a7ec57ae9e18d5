import Foundation
import TestPrograms
import TestRequirements
import Testing

/// What the running program says, held to docs/schema.
@Suite(
    .serialized,
    .enabled(Comment(rawValue: Tools.need)) {
        try await Requirement.isMet(Tools.need) { await Tools.hasModule("jsonschema") }
    },
    .timeLimit(.minutes(30)))
struct SchemaTests {
    /// Verdicts of every evaluation, with and without what is optional.
    private static let said = Task { try await verdicts() }

    private static func verdicts() async throws -> [String] {
        let folder = try ScratchFolder("schema")
        let model = try await QuickModel.folder()
        // Mugs, good and defective; parts of types that no model is taught for.
        let line = try await Program.run([
            "run", "--capture", Program.fixture("captures/line.pcap"), "--publish", "none", "--model", model, "--json",
            "--heatmaps", folder.file("maps"),
        ])
        // A recording cut within a part.
        let cut = try await Program.run([
            "run", "--capture", Program.fixture("captures/line.pcap"), "--duration", "1", "--publish", "none",
            "--model",
            model, "--json",
        ])
        return (line.standardOutput + cut.standardOutput).split(separator: "\n").map(String.init)
    }

    @Test func verdictsAreAsTheSchemaSaysAndItPromisesNothingThatTheyNeverSay() async throws {
        let verdicts = try await Self.said.value
        let answer = try await Tools.validate(verdicts, by: "verdict-1", options: ["--every-property"])
        #expect(answer.status == 0, "\(answer.standardOutput)\(answer.standardError)")
        for evaluation in ["ok", "not_ok", "not_decidable", "undefined"] {
            #expect(
                verdicts.contains { $0.contains("\"evaluation\":\"\(evaluation)\"") }, "no verdict is \(evaluation)")
        }
    }

    /// A field that the program gets and the schema does not must not go by unseen.
    @Test(arguments: [
        (#""schema":"verdict/1""#, #""schema":"verdict/1","surprise":1"#, "surprise"),
        (#""frames":{"#, #""frames":{"surprise":1,"#, "surprise"),
        (#""times":{"#, #""times":{"surprise":1,"#, "surprise"),
        (#""obb":{"#, #""obb":{"surprise":1,"#, "surprise"), (#""kind":"#, #""surprise":1,"kind":"#, "surprise"),
        (#""evaluation_code":2"#, #""evaluation_code":1"#, "2 was expected"),
        (#""epoch":"#, #""epoche":"#, "'epoch' is a required property"),
        (#""unit":"mm""#, #""unit":"m""#, "'mm' was expected"),
    ])
    func aVerdictThatIsNotAsTheSchemaSaysIsFound(from: String, to: String, complaint: String) async throws {
        let whole = try #require(try await Self.said.value.first { $0.contains("\"evaluation\":\"not_ok\"") })
        let changed = whole.replacing(from, with: to)
        try #require(changed != whole, "\(from) is not in the verdict")
        let answer = try await Tools.validate([whole, changed], by: "verdict-1")
        #expect(answer.status == 1)
        #expect(answer.standardOutput.contains("line 2") && answer.standardOutput.contains(complaint))
        #expect(!answer.standardOutput.contains("line 1"), "\(answer.standardOutput)")
    }

    @Test func publishedVerdictsAndHeartbeatsAreAsTheSchemasSay() async throws {
        let folder = try ScratchFolder("schema")
        let monitor = try Program([
            "run", "--http", "none", "--bind", "ipc://" + folder.file("in"), "--publish", "tcp://127.0.0.1:0",
            "--state",
            folder.file("state"), "--replay", "none", "--model", try await QuickModel.folder(), "--json",
        ])
        let live = try #require(await monitor.line(beginning: "verdicts at "))
        let messages = try Messages(subscribing: live)
        await messages.wait(for: 1)
        let sender = try FrameSender(to: "ipc://" + folder.file("in"), user: #"{"order": [1, null, "a"]}"#)
        for number in 0..<3 { _ = try sender.send(part: "part-\(number)") }
        _ = await monitor.outputLine(3) { $0.hasPrefix("{") }
        monitor.terminate()
        _ = await monitor.finish()
        sender.close()
        let texts = messages.texts(part: 0)
        let verdicts = texts.filter { $0.hasPrefix("verdict/1/") },
            beats = texts.filter { $0.hasPrefix("heartbeat/1/") }
        #expect(verdicts.count + beats.count == texts.count && beats.count >= 1)
        let answer = try await Tools.validate(beats, by: "heartbeat-1", options: ["--every-property"])
        #expect(answer.status == 0, "\(answer.standardOutput)\(answer.standardError)")
        let said = try await Tools.validate(verdicts, by: "verdict-1")
        #expect(said.status == 0, "\(said.standardOutput)\(said.standardError)")
        let surprise = try await Tools.validate(
            [beats[0].replacing("{", with: "{\"surprise\":1,", maxReplacements: 1)], by: "heartbeat-1")
        #expect(surprise.status == 1 && surprise.standardOutput.contains("'surprise' was unexpected"))
    }

    /// The fixtures' recorded headers; and what the schema refuses the monitor refuses too.
    @Test func headersOfFramesAreAsTheSchemaSays() async throws {
        let messages = try Messages()
        let replay = try await Program.run([
            "replay", Program.fixture("captures/line.pcap"), "--to", messages.endpoint,
        ])
        #expect(replay.status == 0, "\(replay.standardError)")
        await messages.wait(for: 144)
        let headers = messages.texts(part: 1)
        let answer = try await Tools.validate(headers, by: "pcf-1")
        #expect(answer.status == 0, "\(answer.standardOutput)\(answer.standardError)")
        #expect(answer.standardOutput.contains("\(headers.count) lines are valid"))
        let faults = [
            headers[0].replacing("\"mm\"", with: "\"inch\""),
            headers[0].replacing("\"frame_index\"", with: "\"frame\""),
            headers[0].replacing("\"<f4\"", with: "\"<f2\""),
        ]
        let refused = try await Tools.validate(faults, by: "pcf-1")
        for number in 1...3 { #expect(refused.standardOutput.contains("line \(number): ")) }
    }
}
