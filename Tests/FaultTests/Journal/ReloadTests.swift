import Foundation
import Inspection
import Journal
import PointCloudFiles
import TestPrograms
import Testing
import Threads

extension JournalFaults {
    /// Rows 14 and 15: configuration, models and thresholds changed under load.
    @Suite struct ReloadTests {
        /// The parts that are scored meanwhile.
        private static func mugs() throws -> [[SIMD3<Float>]] {
            try (1...4).map { number in
                let path = Program.fixture("parts/mug/test/mug_0\(number).pcd")
                return try PointCloudFile.read([UInt8](Data(contentsOf: URL(filePath: path)))).points
            }
        }

        /// Puts the manifest of one model folder into another, as `threshold set` does.
        private func install(_ from: String, in to: String) throws {
            for name in ["report.html", "manifest.json", "manifest.sha256"] {
                try Data(contentsOf: URL(filePath: "\(from)/\(name)")).write(
                    to: URL(filePath: "\(to)/\(name)"), options: .atomic)
            }
        }

        /// A configuration, sound or not: one kind of fault after the other.
        private func write(openParts: Int, fault: Int? = nil, to path: String) throws {
            let sound = "limits:\n  open_parts: \(openParts)\n"
            let texts = [
                sound + "  open_parts: 3\n", "limits: [\n", sound + "thresholds: 3\n", "limits:\n  open_parts: -1\n",
                sound + "line: other\n", sound + "part_types: {unheard-of: {threshold: 1}}\n",
                sound + "access: {allow_list_file: nowhere}\n",
            ]
            let text = fault.map { texts[$0 % texts.count] } ?? sound
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        }

        private static func isRefusal(_ line: Substring) -> Bool {
            ["the models in use stay", "the configuration in use stays", "the one in use stays"].contains {
                line.hasSuffix($0)
            }
        }

        private static let isAnswer: @Sendable (String) -> Bool = { $0.hasPrefix("scanward: SIGHUP") }

        /// What a verdict was made with.
        private struct Configuration: Hashable {
            let model: String
            let threshold: Double
            let hash: String

            init?(_ verdict: Verdict) {
                guard let model = verdict.model?.id, let threshold = verdict.threshold else { return nil }
                (self.model, self.threshold, hash) = (model, threshold, verdict.configHash)
            }
        }

        @Test func aStormOfReloadsLosesNoFrameAndMixesNothing() async throws {
            let signals = Faults.length(20, full: 200)
            let folder = try ScratchFolder("reload")
            let quick = try await QuickModel.folder()
            let files = FileManager.default
            for name in ["live", "a", "b"] { try files.copyItem(atPath: quick, toPath: folder.file(name)) }
            for (name, value) in [("a", "50"), ("b", "60")] {
                let set = try await Program.run(["threshold", "set", folder.file(name), value, "--force"])
                try #require(set.status == 0, "\(set.standardError)")
            }
            try install(folder.file("a"), in: folder.file("live"))
            let file = folder.file("scanward.yaml")
            try write(openParts: 8, to: file)
            let monitor = try await RunningMonitor.start(
                in: folder, models: folder.file("live"), arguments: ["--config", file])
            let mugs = try Self.mugs()
            let load = PartLoad(
                to: monitor.input, rate: 20, frames: 1, type: { _ in "mug" }, points: { mugs[$0 % mugs.count] })
            let listener = Listener(to: monitor.live)
            try #require(listener.waitForVerdicts(1))
            for number in 0..<signals {
                if number % 2 == 0 {
                    // A threshold and a limit go together: a verdict by one of each would have a hash of its own.
                    try install(folder.file(number % 4 == 0 ? "b" : "a"), in: folder.file("live"))
                    try write(openParts: number % 4 == 0 ? 9 : 8, to: file)
                } else if number % 4 == 1 {
                    try write(openParts: 12, fault: number / 4, to: file)
                } else {
                    // Together with a good change, which must not be taken up by itself.
                    try write(openParts: 12, to: file)
                    let manifest = URL(filePath: folder.file("live/manifest.json"))
                    try (Data(contentsOf: manifest) + Data(" ".utf8)).write(to: manifest, options: .atomic)
                }
                monitor.program.signal(SIGHUP)
                // Each is answered, so that each is known to have been one of its kind.
                _ = try #require(await monitor.program.errorLine(number + 1, where: Self.isAnswer))
            }
            for _ in 0..<20 { monitor.program.signal(SIGHUP) }
            try #require(listener.waitForVerdicts(listener.verdicts.count + 3))
            load.pause()
            #expect(monitor.waitForStored(load.count))
            load.stop()
            monitor.program.terminate()
            let output = await monitor.program.finish()
            #expect(output.status == 0, "\(output.standardError)")
            listener.stop()
            let answers = output.standardError.split(separator: "\n").filter { Self.isAnswer(String($0)) }.prefix(
                signals)
            let refused = answers.filter(Self.isRefusal).count
            #expect(refused == signals / 2)

            let verdicts = try Verdict.decode(lines: output.standardOutput)
            #expect(verdicts.allSatisfy { $0.evaluation != .undefined && !$0.isPartial })
            #expect(verdicts.count == load.count, "\(load.count) parts were sent")
            let used = Set(verdicts.compactMap(Configuration.init))
            #expect(Set(used.map(\.model)).count == 2 && used.count == 2, "\(used)")
            #expect(Set(used.map(\.threshold)) == [50, 60])
            let check = try JournalCheck.run(folder: monitor.stateFolder)
            #expect(check.problems == [])
            #expect(check.modelChanges.count >= 1 && check.alerts.contains { $0.code == "models_refused" })
            #expect(check.alerts.contains { $0.code == "configuration_refused" })
            Faults.report(
                row: 14,
                "\(signals) SIGHUPs, \(refused) of them with an unsound configuration or model and refused: \(verdicts.count) parts of "
                    + "\(load.count) judged, by 2 configurations, none mixed; \(check.modelChanges.count) changes in the journal"
            )
        }

        @Test func modelsAreSwappedUnderLoad() async throws {
            let swaps = Faults.length(6, full: 50)
            let folder = try ScratchFolder("swap")
            let models = [try await QuickModel.folder(), try await QuickModel.teach(seed: 2)]
            let files = FileManager.default
            try files.copyItem(atPath: models[0], toPath: folder.file("live"))
            let monitor = try await RunningMonitor.start(in: folder, models: folder.file("live"))
            let mugs = try Self.mugs()
            let load = PartLoad(
                to: monitor.input, rate: 20, frames: 1, type: { _ in "mug" }, points: { mugs[$0 % mugs.count] })
            let listener = Listener(to: monitor.live)
            var refused = 0, present = 0
            for number in 0..<swaps {
                try #require(listener.waitForVerdicts(listener.verdicts.count + 1))
                try files.copyItem(atPath: models[1 - present], toPath: folder.file("next"))
                if number % 5 == 4 {
                    // A copy that ended too early.
                    let weights = URL(filePath: folder.file("next/weights.safetensors"))
                    try Data(contentsOf: weights).dropLast(1000).write(to: weights)
                    refused += 1
                } else {
                    present = 1 - present
                }
                try files.moveItem(atPath: folder.file("live"), toPath: folder.file("old"))
                try files.moveItem(atPath: folder.file("next"), toPath: folder.file("live"))
                try files.removeItem(atPath: folder.file("old"))
                monitor.program.signal(SIGHUP)
                let answer = await monitor.program.errorLine(number + 1, where: Self.isAnswer)
                #expect(answer?.contains(number % 5 == 4 ? "the models in use stay" : "from the next part on") ?? false)
            }
            try #require(listener.waitForVerdicts(listener.verdicts.count + 3))
            load.pause()
            #expect(monitor.waitForStored(load.count))
            load.stop()
            monitor.program.terminate()
            let output = await monitor.program.finish()
            #expect(output.status == 0, "\(output.standardError)")
            let verdicts = try Verdict.decode(lines: output.standardOutput)
            let used = Set(verdicts.compactMap(Configuration.init))
            #expect(Set(used.map(\.model)).count == 2 && Set(used.map(\.hash)).count == 2 && used.count == 2, "\(used)")
            #expect(verdicts.allSatisfy { $0.evaluation != .undefined && $0.model != nil })
            #expect(verdicts.count == load.count)
            Faults.report(
                row: 15,
                "\(swaps) swaps, \(refused) of them of a model cut short: \(verdicts.count) parts judged, each by one of "
                    + "2 models, by the one before where the load failed")
        }
    }
}
