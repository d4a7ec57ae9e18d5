import Foundation
import TestPrograms
import Testing

@testable import scanward

@Suite struct LogFormatTests {
    @Test func linesSayHowGraveTheyAre() {
        let date = Date(timeIntervalSince1970: 1_795_877_520.25)
        #expect(LogFormat.plain.line("scanward: it failed", at: date) == "scanward: it failed")
        #expect(LogFormat.journald.line("scanward: it failed", at: date) == "<4>it failed")
        #expect(LogFormat.journald.line("frames from x", at: date) == "<6>frames from x")
        #expect(
            LogFormat.json.line("scanward: a \"name\"", at: date)
                == #"{"level":"warning","message":"a \"name\"","time":"2026-11-28T14:52:00.250Z"}"#)
    }

    @Test func everyLineOfARunIsAnObject() async throws {
        let output = try await Program.run([
            "run", "--model", try await QuickModel.folder(), "--capture", "/nonexistent.pcap", "--log-format", "json",
            "--publish", "none",
        ])
        let lines = output.standardError.split(separator: "\n")
        #expect(output.status == 1 && !lines.isEmpty)
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
            #expect(object?["level"] == "warning" && object?["time"]?.hasSuffix("Z") == true, "\(line)")
        }
    }
}
