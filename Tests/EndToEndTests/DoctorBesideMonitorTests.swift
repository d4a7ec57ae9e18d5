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
            "--state", folder.file("state"), "--model", try await QuickModel.folder(), "--json", "--part-deadline", "1",
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
}
