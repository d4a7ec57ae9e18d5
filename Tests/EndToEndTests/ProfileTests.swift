import Foundation
import Inspection
import TestPrograms
import Testing
import TestPrograms

/// `teach --profile` and what `score` says of it; the same verdict to the last digit however often and on however many
/// threads.
@Suite(.serialized) struct ProfileTests {
    private static func temporary(_ name: String) -> URL {
        FileManager.default.temporaryDirectory.appending(path: "scanward-\(name)-\(UUID().uuidString)")
    }

    /// Verdict lines without what names the moment: the run, its times and durations.
    private func verdicts(_ model: String, _ threads: Int) async throws -> [String] {
        let run = try await Program.run(
            ["score", "--json", "--threads", "\(threads)", "--model", model]
                + ["tap_01", "tap_02", "tap_10"].map { Program.fixture("parts/tap/test/\($0).pcd") })
        #expect(run.status == 0 || run.status == 2, "\(run.standardError)")
        return try run.standardOutput.split(separator: "\n").map { line in
            var fields = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            for key in ["epoch", "times", "durations_ms"] { #expect(fields.removeValue(forKey: key) != nil) }
            return String(
                decoding: try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys), as: UTF8.self)
        }
    }

    @Test func scoringTwiceAndOnTwoThreadsGivesTheSameVerdictToTheLastDigit() async throws {
        let model = try await TaughtModels.folder() + "/tap"
        let first = try await verdicts(model, 1)
        #expect(first.count == 3 && first.allSatisfy { $0.contains("\"score\":") })
        #expect(try await verdicts(model, 1) == first)
        #expect(try await verdicts(model, 2) == first)
        #expect(first.allSatisfy { $0.contains("\"profile\":\"default\"") })
    }

    @Test func thePaperProfileIsTaughtStoredAndTold() async throws {
        let folder = Self.temporary("paper"), maps = Self.temporary("maps")
        defer {
            try? FileManager.default.removeItem(at: folder)
            try? FileManager.default.removeItem(at: maps)
        }
        let taught = try await Program.run([
            "teach", "--type", "tap", "--out", folder.path, "--profile", "paper", "--steps", "0",
            "--detection-trials", "0",
            Program.fixture("parts/tap/train"),
        ])
        #expect(taught.status == 0, "\(taught.standardError)")
        let first = try await verdicts(folder.path, 1)
        #expect(first.count == 3 && first.allSatisfy { $0.contains("\"profile\":\"paper\"") })
        #expect(first.allSatisfy { $0.contains("\"reconstruction\":") && !$0.contains("\"deviation\":0") })
        #expect(try await verdicts(folder.path, 2) == first)

        let table = try await Program.run([
            "score", "--model", folder.path, "--maps", maps.path, Program.fixture("parts/tap/test/tap_02.pcd"),
        ])
        #expect(table.standardOutput.contains("scored by tap 1 (profile paper, "))
        #expect(table.standardOutput.contains("profile paper\n"))
        let written = try FileManager.default.contentsOfDirectory(at: maps, includingPropertiesForKeys: nil)
        let header = String(decoding: try Data(contentsOf: try #require(written.first)).prefix(600), as: UTF8.self)
        #expect(header.contains("property float channel_feature") && !header.contains("channel_deviation"))

        let report = try String(contentsOf: folder.appending(path: "report.html"), encoding: .utf8)
        #expect(report.contains("profile paper") && report.contains("tap_train3.pcd"))
        let manifest = try String(contentsOf: folder.appending(path: "manifest.json"), encoding: .utf8)
        #expect(manifest.contains("\"profile\" : \"paper\"") && manifest.contains("OpenBLAS"))
    }

    @Test func aProfileThatIsNotThere() async throws {
        let output = try await Program.run(["teach", "--type", "tap", "--profile", "papers", "good.pcd"])
        #expect(output.status == 64)
        #expect(output.standardError.contains("expected default or paper, found \"papers\""))
    }
}
