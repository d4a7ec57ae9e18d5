import Foundation
import Inspection
import TestPrograms
import TestRequirements
import Testing

/// The publishers of docs/integrating-a-scanner.md, built and run as it says, against the built monitor.
@Suite(
    .serialized, .enabled(Comment(rawValue: Tools.need)) { try await Requirement.isMet(Tools.need, Tools.canPublish) },
    .timeLimit(.minutes(30))
)
struct PublisherTests {

    static let languages = ["py", "c", "cpp"]

    private static func source(_ language: String) -> URL {
        Program.repository.appending(path: "docs/integration/publish.\(language)")
    }

    /// The command that runs a publisher, compiled with all warnings if it has to be.
    private static func command(_ language: String, in folder: ScratchFolder, source: URL? = nil) async throws
        -> [String]
    {
        let source = source ?? Self.source(language)
        let strict = [
            "-Wall", "-Wextra", "-Werror", "-O2", source.path, "-o", folder.file("publish-\(language)"), "-lzmq", "-lz",
        ]
        let compiler =
            switch language {
            case "c": ["gcc", "-std=c11"]
            case "cpp": ["g++", "-std=c++17"]
            default: [String]()
            }
        guard !compiler.isEmpty else { return [Tools.python.path, source.path] }
        let built = try await Tools.run(["/usr/bin/env"] + compiler + strict)
        try #require(built.status == 0, "\(built.standardError)")
        return [folder.file("publish-\(language)")]
    }

    private static func monitor() async throws -> (program: Program, input: String) {
        let monitor = try Program([
            "run", "--bind", "tcp://127.0.0.1:0", "--publish", "none", "--model", try await QuickModel.folder(),
            "--json",
        ])
        return (monitor, try #require(await monitor.line(beginning: "frames from ")))
    }

    /// The same file published in three languages is the same part: as many points, the same score.
    @Test func theSamePartGetsTheSameVerdictInEveryLanguage() async throws {
        let folder = try ScratchFolder("publish")
        let (monitor, input) = try await Self.monitor()
        let text = try Tools.text(ofPart: "parts/mug/test/mug_01.pcd")
        for (number, language) in Self.languages.enumerated() {
            let file = folder.file("mug-\(language).xyz")
            try Data(text.utf8).write(to: URL(filePath: file))
            let published = try await Tools.run(
                try await Self.command(language, in: folder) + [input, "scanner-\(language)", "mug", "mm", file])
            #expect(published.status == 0, "\(published.standardError)")
            #expect(published.standardOutput == "mug-\(language): published\n")
            _ = await monitor.outputLine(number + 1) { $0.hasPrefix("{") }
        }
        monitor.terminate()
        let output = await monitor.finish()
        #expect(output.status == 0, "\(output.standardError)")
        let verdicts = try Verdict.decode(lines: output.standardOutput)
        #expect(verdicts.map(\.source) == Self.languages.map { "scanner-\($0)" })
        #expect(verdicts.map(\.partID) == Self.languages.map { "mug-\($0)" })
        let points = text.count { $0 == "\n" }
        #expect(verdicts.allSatisfy { $0.score != nil && $0.points.received == points && !$0.isPartial })
        #expect(Set(verdicts.map(\.score)).count == 1, "\(verdicts.map(\.score))")
    }

    /// Bare arrays, a part each: the same points, the same score as of the frames.
    @Test func bareArraysAreFrames() async throws {
        let folder = try ScratchFolder("arrays")
        let monitor = try Program([
            "run", "--bind", "tcp://127.0.0.1:0", "--publish", "none", "--model", try await QuickModel.folder(),
            "--json",
            "--array-source", "scanner-array", "--array-unit", "mm", "--part-type", "mug",
        ])
        let input = try #require(await monitor.line(beginning: "frames from "))
        let file = folder.file("mug.xyz")
        try Data(try Tools.text(ofPart: "parts/mug/test/mug_01.pcd").utf8).write(to: URL(filePath: file))
        for program in [["publish_array.py", input, file], ["publish.py", input, "scanner-py", "mug", "mm", file]] {
            let path = Program.repository.appending(path: "docs/integration/\(program[0])").path
            let published = try await Tools.run([Tools.python.path, path] + program.dropFirst())
            #expect(published.status == 0, "\(published.standardError)")
        }
        _ = await monitor.outputLine(2) { $0.hasPrefix("{") }
        monitor.terminate()
        let output = await monitor.finish()
        let verdicts = try Verdict.decode(lines: output.standardOutput)
        #expect(Set(verdicts.map(\.source)) == ["scanner-array", "scanner-py"], "\(output)")
        #expect(verdicts.allSatisfy { $0.score != nil } && Set(verdicts.map(\.score)).count == 1, "\(verdicts)")
    }

    /// A part of more points than one frame takes; and every header as the schema says.
    @Test func aLargePartGoesInSeveralFrames() async throws {
        let folder = try ScratchFolder("publish")
        let file = folder.file("large.xyz")
        try Data((0..<120_000).map { "\($0 % 400) \($0 / 400) 1.5\n" }.joined().utf8).write(to: URL(filePath: file))
        for language in Self.languages {
            let messages = try Messages()
            let published = try await Tools.run(
                try await Self.command(language, in: folder) + [messages.endpoint, "scanner-a", "plate", "mm", file])
            #expect(published.status == 0, "\(published.standardError)")
            await messages.wait(for: 3)
            let headers = messages.texts(part: 1)
            #expect(headers.count == 3 && messages.texts(part: 0) == Array(repeating: "pcf/1/scanner-a", count: 3))
            let answer = try await Tools.validate(headers, by: "pcf-1")
            #expect(answer.status == 0, "\(language): \(answer.standardOutput)")
        }
    }

    /// What the page says that a mistake is answered with.
    @Test func aMistakeIsRefusedWithTheSentenceOfThePage() async throws {
        let page = try String(
            contentsOf: Program.repository.appending(path: "docs/integrating-a-scanner.md"), encoding: .utf8)
        let folder = try ScratchFolder("mistake")
        let file = folder.file("part.xyz")
        try Data("0 0 0\n1 0 0\n0 1 0\n".utf8).write(to: URL(filePath: file))
        let python = try String(contentsOf: Self.source("py"), encoding: .utf8)
        /// In the publisher's source or its unit, and the name of the refusal.
        let mistakes: [(from: String, to: String, name: String)] = [
            ("", "", "unknownUnit"), ("zlib.crc32(body)", "zlib.crc32(body) ^ 1", "checksumMismatch"),
            ("\"frame_index\": index, ", "", "missingKey"),
            ("\"point_step\": 12", "\"point_step\": 16", "sizeMismatch"),
            ("f\"pcf/1/{source}\"", "\"pcf/1/other\"", "topicMismatch"),
            ("\"dtype\": \"<f4\"", "\"dtype\": \"float32\"", "unknownDtype"),
        ]
        for mistake in mistakes {
            let (monitor, input) = try await Self.monitor()
            let source = URL(filePath: folder.file("\(mistake.name).py"))
            let changed = mistake.from.isEmpty ? python : python.replacing(mistake.from, with: mistake.to)
            try #require(mistake.from.isEmpty || changed != python, "\(mistake.from) is not in publish.py")
            try Data(changed.utf8).write(to: source)
            let unit = mistake.name == "unknownUnit" ? "inch" : "mm"
            let published = try await Tools.run([Tools.python.path, source.path, input, "scanner-a", "mug", unit, file])
            #expect(published.status == 0, "\(published.standardError)")
            let told = try #require(
                await monitor.errorLine { $0.contains("frame refused (\(mistake.name)): ") }, "\(mistake.name)")
            let sentence = try #require(
                page.split(separator: "\n").first { $0.hasPrefix("| `\(mistake.name)`") }?.split(separator: "|").last {
                    !$0.allSatisfy(\.isWhitespace)
                })
            let documented = sentence.trimmingCharacters(in: .whitespaces).trimmingCharacters(in: ["`"])
            #expect(told.contains(documented), "the page says: \(documented)\nthe monitor: \(told)")
            monitor.terminate()
            _ = await monitor.finish()
        }
    }
}
