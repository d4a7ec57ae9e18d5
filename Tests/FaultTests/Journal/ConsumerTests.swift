import Foundation
import Journal
import TestPrograms
import Testing

extension JournalFaults {
    /// Named consumers: what they acknowledge they have, and the client of the documentation is the one that is tested.
    @Suite struct ConsumerTests {
        @Test func whatCannotBeWrittenIsNotAcknowledged() async throws {
            let folder = try ScratchFolder("consumer")
            let monitor = try await RunningMonitor.start(in: folder, models: try await QuickModel.folder())
            let load = PartLoad(to: monitor.input, rate: 100, frames: 1)
            let listener = Listener(to: monitor.live)
            try #require(listener.waitForVerdicts(20))
            load.stop()
            let arguments = [
                "verdicts", monitor.live, "--replay", monitor.replay, "--consumer", "mes1", "--json", "--count", "5",
            ]
            let full = try await Program(
                ["-c", #"exec "$0" "$@" > /dev/full"#, Program.binary.path] + arguments,
                binary: URL(filePath: "/bin/sh")
            ).finish()
            #expect(full.status == 1)
            #expect(full.standardError.contains("standard output cannot be written: No space left on device"))
            #expect(try JournalReader(opening: monitor.stateFolder.database).consumers().map(\.seq) == [0])
            let next = try await Program.run(arguments)
            let seqs = next.standardOutput.split(separator: "\n").compactMap(Self.seq)
            #expect(next.status == 0 && seqs == [1, 2, 3, 4, 5])
            #expect(try JournalReader(opening: monitor.stateFolder.database).consumers().map(\.seq) == [5])
            monitor.program.terminate()
            #expect(await monitor.program.finish().status == 0)
            listener.stop()
        }

        private static func seq(of line: Substring) -> UInt64? {
            struct Place: Decodable { let seq: UInt64 }
            return (try? JSONDecoder().decode(Place.self, from: Data(line.utf8)))?.seq
        }

        @Test func theClientInTheDocumentationIsTheTestedOne() throws {
            let docs = Program.repository.appending(path: "docs")
            let page = try String(contentsOf: docs.appending(path: "verdicts.md"), encoding: .utf8)
            let client = try String(contentsOf: docs.appending(path: "clients/verdicts.py"), encoding: .utf8)
            let shown = page.components(separatedBy: "```python\n").dropFirst().compactMap {
                $0.components(separatedBy: "```").first
            }
            #expect(shown.count == 1)
            #expect(shown.allSatisfy { $0.hasPrefix("def ask(") && client.contains($0) })
        }
    }
}
