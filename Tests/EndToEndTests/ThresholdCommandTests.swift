import Foundation
import TestPrograms
import Testing

/// `threshold explain`, `set` and `recalibrate`, on a model of four mugs.
@Suite(.timeLimit(.minutes(30))) struct ThresholdCommandTests {
    private struct Explanation: Decodable {
        struct Threshold: Decodable {
            var value: Double
            var limits: [String]?
        }
        struct Change: Decodable {
            struct Part: Decodable {
                var name: String
                var score: Double
            }
            var kind: String
            var old: Double
            var new: Double
            var reason: String?
            var parts: [Part]?
        }
        var threshold: Threshold
        var highestGoodScore: Double
        var changes: [Change]

        enum CodingKeys: String, CodingKey {
            case threshold, changes
            case highestGoodScore = "highest_good_score"
        }
    }

    private let folder: ScratchFolder
    private let model: String

    init() async throws {
        folder = try ScratchFolder("threshold")
        model = folder.file("mug")
        try FileManager.default.copyItem(atPath: try await QuickModel.folder(), toPath: model)
    }

    private func explain() async throws -> Explanation {
        let output = try await Program.run(["threshold", "explain", model, "--json"])
        return try JSONDecoder().decode(Explanation.self, from: Data(output.standardOutput.utf8))
    }

    /// The scans of the fixtures' good mugs that nobody taught.
    private func good() throws -> [String] {
        try Truth.read().parts.filter { $0.type == "mug" && $0.evaluation == .ok }.map {
            Program.fixture("parts/mug/test/\($0.id).pcd")
        }
    }

    @Test func aThresholdIsExplainedAndSetByHand() async throws {
        let before = try await explain()
        #expect(before.changes.isEmpty && before.threshold.value > before.highestGoodScore)
        #expect(!(before.threshold.limits ?? []).isEmpty, "four parts promise little, and it says so")
        let text = try await Program.run(["threshold", "explain", model])
        #expect(text.standardOutput.contains(String(format: "mug: threshold %.3f", before.threshold.value)))
        #expect(text.standardOutput.components(separatedBy: ", left out: ").count == 5)

        let low = "\(before.highestGoodScore / 2)"
        let refused = try await Program.run(["threshold", "set", model, low])
        #expect(refused.status == 1 && refused.standardError.contains("is not above the highest score of a good part"))
        #expect(try await explain().threshold.value == before.threshold.value)
        let forced = try await Program.run([
            "threshold", "set", model, low, "--force", "--reason", "a stricter customer", "--json",
        ])
        let object = try JSONSerialization.jsonObject(with: Data(forced.standardOutput.utf8)) as? [String: Any]
        #expect(
            object?["part_type"] as? String == "mug"
                && abs((object?["old"] as? Double ?? 0) - before.threshold.value) < 1e-9)
        #expect(forced.status == 0 && forced.standardError.contains("good parts would be at or above it"))
        let after = try await explain()
        #expect(after.changes.map(\.kind) == ["set"] && after.changes.first?.reason == "a stricter customer")
        #expect(after.changes.first?.old == before.threshold.value)
        #expect(abs(after.threshold.value - before.highestGoodScore / 2) < 1e-9)
        let told = try await Program.run(["threshold", "explain", model])
        #expect(told.standardOutput.contains("no share of false rejects is promised"))
        #expect(told.standardOutput.contains(": a stricter customer (\(NSUserName()))") || getenv("SUDO_USER") != nil)
        // What is said of a promise goes with it.
        #expect((after.threshold.limits ?? []).isEmpty && !told.standardOutput.contains("target:"))

        // What scores parts goes by it: each good part is above half of the highest good score, or is ok.
        let scored = try await Program.run(["score", "--model", model, "--json", try good()[0]])
        #expect(scored.standardOutput.contains(String(format: "\"threshold\":%.3f", after.threshold.value).dropLast(1)))
        for wrong in ["0", "-1", "nan", "much"] {
            #expect(try await Program.run(["threshold", "set", model, "--", wrong]).status == 64, "\(wrong)")
        }
        let nowhere = try await Program.run(["threshold", "explain", folder.file("none")])
        #expect(nowhere.status == 1 && nowhere.standardError.contains("none"))
    }

    @Test func moreGoodPartsMakeItAnew() async throws {
        let before = try await explain(), good = try good()
        let defective = try #require(try Truth.read().parts.first { $0.type == "mug" && $0.evaluation == .notOK })
        let scan = Program.fixture("parts/mug/test/\(defective.id).pcd")
        let calibrated = try await Program.run(
            ["threshold", "recalibrate", "--leave-out", "--false-rejects", "5%", model, scan] + good.prefix(3))
        #expect(calibrated.status == 0, "\(calibrated.standardError)")
        #expect(
            calibrated.standardError.contains("\(defective.id).pcd scores")
                && calibrated.standardError.contains("left out"))
        let after = try await explain()
        let change = try #require(after.changes.first)
        #expect(change.kind == "recalibrated" && change.old == before.threshold.value && change.parts?.count == 4)
        let kept = (change.parts ?? []).filter { !$0.name.hasPrefix(defective.id) }.map(\.score)
        #expect(after.threshold.value == change.new && after.threshold.value > (kept.max() ?? .infinity))

        // Each good part enters once, and what cannot be judged does not enter at all.
        for (parts, sentence) in [
            ([good[0]], "counts already"), ([Program.fixture("parts/tap/test/tap_01.pcd")], "cannot be judged"),
            ([scan], "no part is left to recalibrate with"),
        ] {
            let refused = try await Program.run(["threshold", "recalibrate", "--leave-out", model] + parts)
            #expect(refused.status == 1 && refused.standardError.contains(sentence), "\(refused.standardError)")
        }
        #expect(try await explain().threshold.value == after.threshold.value)
        // The model's digest goes with it: whoever reads it next finds it sound.
        let read = try await Program.run(["score", "--model", model, "--json", good[4]])
        #expect(read.status == 0 && read.standardOutput.contains("\"evaluation\":"), "\(read.standardError)")
    }
}
