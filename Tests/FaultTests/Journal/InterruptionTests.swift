import Foundation
import Inspection
import Journal
import TestPrograms
import Testing
import Threads

extension JournalFaults {
    /// Parts within which the monitor dies, of recordings.
    @Suite struct InterruptionTests {
        private static let capture = "captures/line.pcap"

        private func play(_ folder: ScratchFolder, _ arguments: String...) async throws -> Program {
            try Program(
                [
                    "run", "--http", "none", "--capture", Program.fixture(Self.capture), "--state",
                    folder.file("state"), "--publish",
                    "none", "--replay", "none", "--model", try await QuickModel.folder(), "--json",
                ] + arguments)
        }

        /// The same recording kills the monitor within the same part again and again: each start settles what the one
        /// before left open, once, and the parts are judged when it lives to see their end.
        @Test func aPartThatIsInterruptedTwiceStopsNoStart() async throws {
            let folder = try ScratchFolder("interrupted")
            let state = StateFolder(folder.file("state"))
            var open: Set<PartKey> = []
            for _ in 0..<3 {
                let startedAt = SystemClock.unixNanoseconds
                let monitor = try await play(folder, "--rate", "0.01")
                let deadline = SystemClock().after(.seconds(60))
                var parts: [OpenedPart] = []
                while parts.isEmpty, SystemClock().now < deadline {
                    let stored = (try? JournalReader(opening: state.database).openParts()) ?? []
                    parts = stored.filter { $0.openedNanoseconds > startedAt }
                    sched_yield()
                }
                #expect(!parts.isEmpty)
                open.formUnion(parts.map(\.key))
                monitor.signal(SIGKILL)
                _ = await monitor.finish()
            }
            let whole = try await play(folder, "--topspeed")
            let output = await whole.finish()
            #expect(output.status == 0, "\(output.standardError.suffix(2000))")
            let check = try JournalCheck.run(folder: state)
            #expect(check.problems == [] && check.openParts == [])
            let stored = try JournalReader(opening: state.database).page(from: 1, limit: 1000).verdicts
            for key in open {
                #expect(
                    stored.filter { $0.part == key && $0.evaluation == "not_decidable" }.count == 1,
                    "\(key): one verdict on its interruption")
                #expect(stored.filter { $0.part == key && $0.evaluation != "not_decidable" }.count == 1)
            }
            #expect(stored.count == 36 + open.count)
        }

        /// A part that was cut off, as the run was, is another result than the whole one.
        @Test func aPartOfAPartIsNotTakenForTheWhole() async throws {
            let folder = try ScratchFolder("cut")
            let cut = try await play(folder, "--topspeed", "--until-parts", "3")
            #expect(await cut.finish().status == 0)
            let whole = await (try play(folder, "--topspeed")).finish()
            #expect(whole.status == 0)
            let again = await (try play(folder, "--topspeed")).finish()
            let stored = try JournalReader(opening: StateFolder(folder.file("state")).database)
                .page(from: 1, limit: 1000).verdicts
            let judged = try Verdict.decode(lines: whole.standardOutput)
            #expect(judged.count == 36 && judged.allSatisfy { !$0.isPartial })
            let repeated = try Verdict.decode(lines: again.standardOutput)
            #expect(repeated.map(\.resultID) == judged.map(\.resultID), "the same frames, the same results")
            #expect(Set(stored.map(\.resultID)).count == stored.count)
        }
    }
}
