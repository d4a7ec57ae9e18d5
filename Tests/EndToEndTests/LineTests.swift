import Foundation
import Inspection
import TestPrograms
import Testing
import TestPrograms

/// The whole line, on the built binary: a recorded capture over a real socket, verdicts from the socket at its end.
@Suite(.serialized) struct LineTests {
    @Test func everyPartOfTheRecordedLineIsJudgedOnceAndRightly() async throws {
        let truth = try Truth.read()
        let verdicts = try await replayedVerdicts(count: truth.parts.count)

        #expect(verdicts.map(\.seq) == (1...UInt64(truth.parts.count)).map { $0 })
        #expect(Set(verdicts.map(\.partID)) == Set(truth.parts.map(\.id)))
        #expect(Set(verdicts.map(\.resultID)).count == verdicts.count)
        #expect(verdicts.allSatisfy { !$0.isPartial && $0.model?.name == $0.partType })

        let byID = Dictionary(uniqueKeysWithValues: verdicts.map { ($0.partID, $0) })
        var found = 0, placed = 0, falseRejects = 0
        let defective = truth.parts.filter { $0.evaluation == .notOK }
        for part in truth.parts {
            let verdict = try #require(byID[part.id])
            guard let defect = part.defect else {
                falseRejects += verdict.evaluation == .ok ? 0 : 1
                continue
            }
            found += verdict.evaluation == .notOK ? 1 : 0
            if let distance = verdict.distance(to: defect.centre), distance <= 0.15 * part.size { placed += 1 }
        }
        #expect(
            Double(placed) >= 0.8 * Double(defective.count),
            "\(placed) of \(defective.count) found in place, \(found) at all")
        #expect(falseRejects * 12 <= truth.parts.count - defective.count, "\(falseRejects) good parts rejected")
    }

    /// Starts the monitor and a subscriber, replays the fixtures' capture to it, returns what the subscriber got.
    private func replayedVerdicts(count: Int) async throws -> [Verdict] {
        let monitor = try Program([
            "run", "--bind", "tcp://127.0.0.1:0", "--publish", "tcp://127.0.0.1:0", "--model",
            try await TaughtModels.folder(), "--until-parts", "\(count)", "--json",
        ])
        let input = try #require(await monitor.line(beginning: "frames from "))
        let output = try #require(await monitor.line(beginning: "verdicts at "))
        let subscriber = try Program(["verdicts", output, "--json", "--count", "\(count)"])
        _ = try #require(await subscriber.line(beginning: "connected to"))
        let replay = try await Program.run([
            "replay", Program.fixture("captures/line.pcap"), "--to", input, "--topspeed",
        ])
        #expect(replay.status == 0, "\(replay.standardError)")
        let run = await monitor.finish()
        #expect(run.status == 0, "\(run.standardError)")
        let received = await subscriber.finish()
        #expect(received.status == 0, "\(received.standardError)")
        let printed = try Verdict.decode(lines: run.standardOutput)
        let published = try Verdict.decode(lines: received.standardOutput)
        #expect(printed == published)
        return published
    }

    @Test func aCaptureInProcessGivesTheSameVerdictsOnAnyNumberOfThreads() async throws {
        let models = try await TaughtModels.folder()
        var runs: [[Verdict]] = []
        for threads in ["1", "2"] {
            let run = try await Program.run([
                "run", "--capture", Program.fixture("captures/line.pcap"), "--publish", "none", "--model", models,
                "--threads", threads, "--json",
            ])
            #expect(run.status == 0, "\(run.standardError)")
            runs.append(
                try Verdict.decode(lines: run.standardOutput).map { verdict in
                    var verdict = verdict
                    #expect(verdict.isSimulated)
                    verdict.epoch = ""
                    verdict.times = .init(firstCaptureNs: 0, lastCaptureNs: 0, receivedNs: 0, decidedNs: 0)
                    verdict.durationsMs = .init()
                    return verdict
                })
        }
        #expect(runs[0].count == 36)
        let different = zip(runs[0], runs[1]).filter { $0 != $1 }.map(\.0.partID)
        #expect(runs[0].count == runs[1].count && different.isEmpty)
    }
}
