import Foundation
import TestPrograms
import Testing
import TestPrograms

/// `scanward evaluate` on a small data set in Anomaly-ShapeNet's layout, made from the fixtures' taps.
@Suite(.serialized) struct EvaluateCommandTests {
    private static let bad = [("02", "positive0"), ("03", "positive1"), ("05", "broken0"), ("10", "bulge0")]

    /// Two good and two bad taps; the bulge's labels with commas, blanks between, in another order and precision.
    private func dataset(_ folder: URL) throws {
        let files = FileManager.default
        let taps = folder.appending(path: "pcd/tap0")
        for name in ["train", "test", "GT"] {
            try files.createDirectory(at: taps.appending(path: name), withIntermediateDirectories: true)
        }
        for i in 0..<4 {
            try files.copyItem(
                at: URL(filePath: Program.fixture("parts/tap/train/tap_train\(i).pcd")),
                to: taps.appending(path: "train/tap0_template\(i).pcd"))
        }
        for (number, name) in Self.bad {
            try files.copyItem(
                at: URL(filePath: Program.fixture("parts/tap/test/tap_\(number).pcd")),
                to: taps.appending(path: "test/tap0_\(name).pcd"))
        }
        for (number, name) in Self.bad where !name.hasPrefix("positive") {
            let points = try points(Program.fixture("parts/tap/test/tap_\(number).pcd"))
            let lines = points.enumerated().reversed().map { i, p in
                String(
                    format: name == "bulge0" ? "%.4f, %.4f, %.4f, %d" : "%.4f %.4f %.4f %d", p.x, p.y, p.z,
                    i < 200 ? 1 : 0)
            }
            try lines.joined(separator: "\n").write(
                to: taps.appending(path: "GT/tap0_\(name).txt"), atomically: true, encoding: .utf8)
        }
        let defect = #"{"kind": "bulge", "center": [0, 0, 0], "size": 23.5, "depth": 1.75}"#
        let sample =
            #"{"name": "tap0_bulge0", "isTraining": false, "points": 1, "anomalousPoints": 1, "pose": [], "defect": "#
            + defect + "}"
        let manifest =
            #"{"schema": "scanward-dataset/1", "version": "0", "seed": 1, "draw": "standard", "scanner": "uniform", "#
            + #""pose": "fixed", "classes": [{"name": "tap0", "mesh": "", "meshSHA256": "", "diagonal": 1, "samples": ["#
            + sample + "]}]}"
        try manifest.write(to: folder.appending(path: "manifest.json"), atomically: true, encoding: .utf8)
        // Of another cloud; and one that is no part.
        try "1 2 3 1\n".write(to: taps.appending(path: "GT/tap_crack0.txt"), atomically: true, encoding: .utf8)
        try files.copyItem(
            at: URL(filePath: Program.fixture("parts/tap/test/tap_04.pcd")),
            to: taps.appending(path: "test/tap0_crack0.pcd"))
        try "no cloud".write(
            to: taps.appending(path: "test/tap0_hole0.pcd"), atomically: true, encoding: .utf8)
        let few =
            "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 2\nHEIGHT 1\nPOINTS 2\nDATA ascii\n"
        try (few + "0 0 0\n1 0 0\n").write(
            to: taps.appending(path: "test/tap0_bending0.pcd"), atomically: true, encoding: .utf8)
    }

    private func points(_ file: String) throws -> [SIMD3<Float>] {
        let data = try Data(contentsOf: URL(filePath: file))
        let start = try #require(data.range(of: Data("DATA binary\n".utf8))).upperBound
        let floats = data[start...].withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        return stride(from: 0, to: floats.count - 2, by: 3).map { SIMD3(floats[$0], floats[$0 + 1], floats[$0 + 2]) }
    }

    private func json(_ data: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func `Tables, predictions, what is odd, and going on`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "scanward-evaluate-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try dataset(folder.appending(path: "data"))
        func arguments(_ out: String, _ threads: Int) -> [String] {
            [
                "evaluate", folder.appending(path: "data").path, "--steps", "0", "--seed", "1", "--json",
                "--threads", "\(threads)", "--out", folder.appending(path: out).path,
                "--predictions", folder.appending(path: "\(out)-predictions").path,
            ]
        }
        let first = try await Program.run(arguments("a", 2))
        #expect(first.status == 0, "\(first.standardError)")
        let summary = try json(Data(first.standardOutput.utf8))
        let rows = try #require(summary["rows"] as? [[String: Any]])
        #expect(rows.first?["name"] as? String == "fusion" && rows.contains { $0["name"] as? String == "deviation" })
        let notes = try #require(summary["notes"] as? [String]).joined(separator: "\n")
        #expect(notes.contains("tap_crack0.txt") && notes.contains("it belongs to another cloud"))
        #expect(
            notes.contains("test/tap0_hole0.pcd is left out") && notes.contains("tap0_bending0.pcd: no ground truth"))
        let kinds = try #require(rows.first?["kinds"] as? [[String: Any]])
        let bulge = try #require(kinds.first { $0["kind"] as? String == "bulge" })
        #expect((bulge["smallest_size_found"] ?? bulge["largest_depth_missed"]) != nil)
        #expect([23.5, 1.75].contains((bulge["smallest_size_found"] ?? bulge["largest_depth_missed"]) as? Double))
        let undecidable = try #require(summary["undecidable"] as? [[String: Any]])
        #expect(undecidable.compactMap { $0["part"] as? String } == ["tap0_bending0"])

        // One file of scores for each part, as the independent scorer reads them.
        let predictions = folder.appending(path: "a-predictions/fusion")
        let table = try String(contentsOf: predictions.appending(path: "scores.csv"), encoding: .utf8)
        #expect(
            table.hasPrefix("class,sample,object_score\n")
                && table.contains("tap0,tap0_bending0,1.0000000150474662e+30\n"))
        #expect(table.split(separator: "\n").count == 7)
        let scores = try Data(contentsOf: predictions.appending(path: "tap0/tap0_bulge0.npy"))
        let count = try points(Program.fixture("parts/tap/test/tap_10.pcd")).count
        #expect(scores.count == 128 + 4 * count && scores.prefix(6) == Data([0x93] + "NUMPY".utf8))
        let blank = try Data(contentsOf: predictions.appending(path: "tap0/tap0_bending0.npy"))
        #expect(blank.suffix(8).allSatisfy { $0 == 0 } && blank.count == 128 + 8)

        // The same on one thread, to the last bit.
        let single = try await Program.run(arguments("b", 1))
        #expect(single.status == 0, "\(single.standardError)")
        for name in ["fusion/scores.csv", "fusion/tap0/tap0_bulge0.npy", "descriptor/tap0/tap0_broken0.npy"] {
            let one = try? Data(contentsOf: folder.appending(path: "a-predictions/\(name)"))
            #expect(one != nil && one == (try? Data(contentsOf: folder.appending(path: "b-predictions/\(name)"))))
        }

        // Again: kept, and the same; not where the data or the predictions are others.
        let again = try await Program.run(arguments("a", 2))
        #expect(
            again.standardError.contains("1 of them kept from before") && again.standardOutput == first.standardOutput)
        try FileManager.default.removeItem(at: predictions.appending(path: "tap0/tap0_bulge0.npy"))
        try FileManager.default.removeItem(at: folder.appending(path: "data/pcd/tap0/test/tap0_hole0.pcd"))
        let changed = try await Program.run(arguments("a", 2))
        #expect(!changed.standardError.contains("kept from before"))
        #expect(try Data(contentsOf: predictions.appending(path: "tap0/tap0_bulge0.npy")) == scores)
    }

    @Test func `What is not there is refused with a sentence`() async throws {
        let none = try await Program.run(["evaluate", Program.fixture("parts/tap")])
        #expect(none.status == 1 && none.standardError.contains("expected classes with train and test folders"))
        let method = try await Program.run(["evaluate", Program.fixture("parts"), "--profile", "papers"])
        #expect(method.status == 64 && method.standardError.contains("found \"papers\""))
        let classes = try await Program.run(["evaluate", Program.fixture("parts/tap"), "--seeds", "1,1"])
        #expect(classes.status == 64 && classes.standardError.contains("different whole numbers"))
    }
}
