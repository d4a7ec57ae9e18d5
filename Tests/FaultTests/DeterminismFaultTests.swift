import Foundation
import TestPrograms
import Testing

/// Row 13: one capture many times, at the recorded speed and as fast as it goes, on one thread and on two.
@Suite(Faults.timeLimit) struct DeterminismFaultTests {
    @Test func verdictsAreTheSameBytesButForTimes() async throws {
        // The short form plays 2 s of the recording, at four times its speed.
        let repeats = Faults.length(1, full: 5)
        let stretch = Faults.length(["--duration", "2"], full: [])
        var seen: Set<String> = []
        var runs = 0, parts = 0
        for pacing in [["--topspeed"], Faults.length(["--rate", "4"], full: ["--rate", "1"])] {
            for threads in ["1", "2"] {
                for _ in 0..<repeats {
                    let run = try await Program.run(
                        [
                            "run", "--capture", Program.fixture("captures/line.pcap"), "--publish", "none", "--json",
                            "--model",
                            try await QuickModel.folder(), "--threads", threads,
                        ] + pacing + stretch)
                    #expect(run.status == 0, "\(run.standardError)")
                    let text = try withoutTimes(run.standardOutput)
                    parts = text.count { $0 == "\n" }
                    seen.insert(text)
                    runs += 1
                }
            }
        }
        #expect(seen.count == 1 && parts > 3)
        #expect(seen.first?.contains(#""is_simulated":true"#) ?? false)
        Faults.report(row: 13, "\(runs) runs of \(parts) parts: \(seen.count) different outputs")
    }

    /// The verdicts as printed, less times, durations, and the epoch, which is drawn for each run.
    private func withoutTimes(_ output: String) throws -> String {
        let times = try Regex(#""(times|durations_ms)":\{[^}]*\}|"epoch":"[^"]*""#)
        return output.split(separator: "\n").filter { $0.hasPrefix("{") }
            .map { $0.replacing(times, with: "") + "\n" }.joined()
    }
}
