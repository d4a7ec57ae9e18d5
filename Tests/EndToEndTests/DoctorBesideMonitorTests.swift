import Foundation
import TestPrograms
import Testing

/// Beside a running monitor the same causes are told from its journal: whoever asks need not know which.
@Suite(.serialized) struct DoctorBesideMonitorTests {
    @Test func theCausesStandInTheJournal() async throws {
        let folder = try ScratchFolder("doctor")
        let monitor = try Program([
            "run", "--http", "none", "--bind", "ipc://" + folder.file("in"), "--publish", "ipc://" + folder.file("out"),
            "--replay",
            "none",
            "--state", folder.file("state"), "--model", try await QuickModel.folder(), "--json", "--part-deadline",
            "10",
        ])
        _ = try #require(await monitor.line(beginning: "frames from "))
        for (name, fault, part) in [
            ("unit", "wrong-unit", "mug"), ("clock", "clock-skew=-3600", "mug"), ("type", "unknown-type", "mug"),
            ("damaged", "corrupt=1", "mug"), ("other", "clock-skew=0", "tap"),
        ] {
            let sent = try await Program.run([
                "fake-scanner", "--to", "ipc://" + folder.file("in"), "--topspeed", "--part-type", "mug", "--source",
                name,
                "--fault", fault, "--frames-per-part", "2", Program.fixture("parts/\(part)/test/\(part)_01.pcd"),
            ])
            #expect(sent.status == 0, "\(sent.standardError)")
        }
        _ = try #require(await monitor.outputLine(5) { $0.contains("\"verdict/1\"") })

        // Of the state folder alone it knows the monitor, and of the monitor all the rest.
        let asked = try await Program.run(["doctor", "--json", "--no-self-test", "--state", folder.file("state")])
        monitor.terminate()
        let end = await monitor.finish()
        #expect(end.status == 0, "\(end.standardError)")
        let causes = try Set(
            asked.standardOutput.split(separator: "\n").compactMap {
                try JSONDecoder().decode(DoctorTests.Line.self, from: Data($0.utf8)).cause
            })
        #expect(asked.status == 6)
        #expect(
            causes == [
                "wrong_unit", "clock_off", "no_model", "frames_refused", "template_mismatch", "source_silent",
            ], "\(asked.standardOutput)")
        #expect(asked.standardOutput.contains("\"check\":\"monitor\""))
    }

    /// What was mended is told no more, though the journal has it for good.
    @Test func whatWasMendedIsHistory() async throws {
        let folder = try ScratchFolder("mended")
        let file = URL(filePath: folder.file("scanward.yaml"))
        let model = try await QuickModel.folder()
        func configure(_ more: String) throws {
            try Data(
                "models: [\(model)]\nstate: {folder: state}\nsinks: {publish: none, replay: none, http: none}\n\(more)\n"
                    .utf8
            ).write(to: file)
        }
        try configure("")
        let input = "ipc://" + folder.file("in")
        let monitor = try Program(["run", "--config", file.path, "--bind", input, "--json"])
        _ = try #require(await monitor.line(beginning: "frames from "))
        func send(_ fault: String, _ parts: Int = 1) async throws {
            let sent = try await Program.run(
                [
                    "fake-scanner", "--to", input, "--topspeed", "--part-type", "mug", "--frames-per-part", "1",
                    "--fault",
                    fault,
                ] + (1...parts).map { Program.fixture("parts/mug/test/mug_0\($0).pcd") })
            #expect(sent.status == 0, "\(sent.standardError)")
        }
        func causes() async throws -> Set<String> {
            let asked = try await Program.run([
                "doctor", "--json", "--no-self-test", "--state", folder.file("state"), "--listen", "0",
            ])
            return try Set(
                asked.standardOutput.split(separator: "\n").compactMap {
                    try JSONDecoder().decode(DoctorTests.Line.self, from: Data($0.utf8)).cause
                })
        }
        func reload() async throws -> Int32 {
            try await Program.run(["reload", "--config", file.path, "--state", folder.file("state")]).status
        }
        try await send("corrupt=1")
        _ = try #require(await monitor.errorLine { $0.contains("frame refused (") })
        try configure("limits: {part_deadline_s: never}")
        #expect(try await reload() == 78)
        let planted = try await causes()
        #expect(planted.isSuperset(of: ["frames_refused", "bad_configuration"]), "\(planted)")

        try configure("")
        #expect(try await reload() == 0)
        // Five of the scanner's parts without a refusal: of a type that nobody taught, as judging them takes longer.
        try await send("unknown-type", 5)
        _ = try #require(await monitor.outputLine(5) { $0.contains("\"evaluation\":\"undefined\"") })
        let mended = try await causes()
        #expect(mended.isDisjoint(with: ["frames_refused", "bad_configuration"]), "\(mended)")
        monitor.terminate()
        #expect(await monitor.finish().status == 0)
    }
}
