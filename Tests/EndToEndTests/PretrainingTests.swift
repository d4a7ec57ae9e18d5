import Foundation
import TestPrograms
import Testing
import TestPrograms

/// Pretraining as its users run it: stopped, resumed, checked on its own data.
@Suite struct PretrainingTests {
    /// Clouds serve as shapes here; few points and single samples, so that it takes seconds.
    private let arguments =
        ["mug", "bottle", "tap"].map { Program.fixture("parts/\($0)/train") } + [
            "--points", "1024", "--validation-shapes", "2",
        ]
    private let training = ["--epochs", "1", "--batch", "1", "--validate-every", "4", "--precision", "float32"]

    private func temporary() -> URL {
        FileManager.default.temporaryDirectory.appending(path: "scanward-pretrain-\(UUID().uuidString)")
    }

    private func object(_ output: Program.Output) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [String: Any])
    }

    @Test func stoppedAndResumedToTheSameWeights() async throws {
        let (whole, parts, data) = (temporary(), temporary(), temporary())
        defer { for folder in [whole, parts, data] { try? FileManager.default.removeItem(at: folder) } }
        let run = ["pretrain"] + arguments + training
        let output = try await Program.run(run + ["--out", whole.path, "--threads", "1"])
        #expect(output.status == 0, "\(output.standardError)")
        #expect(output.standardOutput.hasPrefix("held-out loss"))
        // No terminal, and nobody asked.
        #expect(!output.standardError.contains("pretrain: step"), "\(output.standardError)")

        let cut = try await Program.run(run + ["--out", parts.path, "--stop-after", "5"])
        #expect(cut.status == 1 && cut.standardError.contains("stopped after step 5"), "\(cut.standardError)")
        // The best weights so far lie there already.
        #expect(FileManager.default.fileExists(atPath: parts.appending(path: "backbone.safetensors").path))
        let again = try await Program.run(run + ["--out", parts.path])
        #expect(again.status == 1 && again.standardError.contains("go on with --resume"))
        let resumed = try await Program.run(run + ["--out", parts.path, "--resume", "--json"])
        #expect(resumed.status == 0, "\(resumed.standardError)")
        let ended = try object(resumed)
        #expect(ended["ending"] as? String == "finished" && ended["held_out_loss"] as? Double ?? 0 > 0)
        for name in ["backbone.safetensors", "curve.csv", "curve.png", "checkpoint.safetensors"] {
            let a = try Data(contentsOf: whole.appending(path: name)),
                b = try Data(contentsOf: parts.appending(path: name))
            #expect(a == b, "\(name)")
        }

        // The loss that the manifest tells is the loss on the data as written for others.
        let written = try await Program.run(
            ["pretrain-data"] + arguments + ["--out", data.path, "--epochs", "1", "--precision", "float32", "--json"])
        #expect(written.status == 0, "\(written.standardError)")
        #expect(try object(written)["samples"] as? Int == object(written)["shapes"] as? Int)
        let loss = try await Program.run([
            "pretrain-loss", whole.appending(path: "backbone.safetensors").path, "--data",
            data.appending(path: "validation.safetensors").path,
        ])
        let manifest = try JSONSerialization.jsonObject(
            with: Data(contentsOf: whole.appending(path: "manifest.json")))
        let promised = try #require((manifest as? [String: Any])?["validation_loss"] as? Double)
        let found = try #require(Double(loss.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(abs(found - promised) <= 1e-6 * promised)
        let measured = try await Program.run([
            "pretrain-loss", whole.appending(path: "backbone.safetensors").path, "--data",
            data.appending(path: "validation.safetensors").path, "--json",
        ])
        let told = try object(measured)
        #expect(abs((told["loss"] as? Double ?? 0) - found) <= 1e-6 * found && told["samples"] as? Int ?? 0 > 0)
    }

    /// The first line comes after a tenth of the steps: nine times as long is left for the signal to arrive, minutes, since
    /// beside other tests it may wait its turn.
    @Test func aSignalEndsItBetweenTwoSteps() async throws {
        let folder = temporary()
        defer { try? FileManager.default.removeItem(at: folder) }
        let stopped = try Program(
            ["pretrain"] + arguments + [
                "--epochs", "400", "--batch", "1", "--out", folder.path, "--threads", "1", "--log-progress",
            ])
        _ = try #require(await stopped.line(beginning: "pretrain: step"))
        stopped.terminate()
        let told = await stopped.finish()
        #expect(told.status == 1 && told.standardError.contains("--resume"), "\(told.standardError)")
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: "checkpoint.safetensors").path))
    }

    @Test func refusals() async throws {
        let folder = temporary()
        defer { try? FileManager.default.removeItem(at: folder) }
        let missing = try await Program.run(["pretrain", "/nonexistent", "--out", folder.path])
        #expect(missing.status == 1 && missing.standardError.contains("/nonexistent"))
        let nothing = try await Program.run(["pretrain"] + arguments + ["--out", folder.path, "--resume"])
        #expect(nothing.status == 1 && nothing.standardError.contains("begin without --resume"))
        let imported = try await Program.run([
            "import-checkpoint", Program.fixture("backbone/small.safetensors"), "--out",
            folder.appending(path: "x").path,
        ])
        #expect(imported.status == 1 && imported.standardError.contains("'increase_dim.0.weight'"))
    }
}
