import Foundation
import Inspection
import Journal
import SeededRandom
import TestPrograms
import TestRequirements
import Testing
import Threads

extension JournalFaults {
    /// Rows 1 and 2: kill -9 at random instants under load, with parts open.
    @Suite struct KillTests {
        @Test func noPublishedVerdictIsLostAndEveryOpenedPartGetsOne() async throws {
            try await killed(times: Faults.length(50, full: 1000), models: try await QuickModel.folder(), seed: 1)
        }

        private func killed(times: Int, models: String, seed: UInt64) async throws {
            var random = SplitMix64(seed: seed)
            let folder = try ScratchFolder("kill")
            let listener = Listener(to: RunningMonitor.live(folder))
            // Each start reads the journal whole: a thousand must not make it so large that this is all that is measured.
            let load = PartLoad(to: RunningMonitor.input(folder), rate: Faults.length(400, full: 100))
            // Parts of another scanner, each open for a third of a second: a kill meets some of them.
            let slow = PartLoad(to: RunningMonitor.input(folder), rate: 20, held: 6, source: "scanner-slow")
            var slowest = 0.0, starts: [Double] = [], killedStarting = 0
            var openAtKill: Set<PartKey> = []
            for time in 0..<times {
                // Now and then within the start-up.
                if time % 8 == 7 {
                    let program = try RunningMonitor.launch(in: folder, models: models)
                    let instant = SystemClock().now + random.next() % 150_000_000
                    _ = SystemClock().wait(until: instant, unless: StopSignal())
                    program.signal(SIGKILL)
                    _ = await program.finish()
                    killedStarting += 1
                }
                let monitor = try await RunningMonitor.start(in: folder, models: models)
                starts.append(monitor.startSeconds)
                slowest = max(slowest, monitor.startSeconds)
                let heard = listener.verdicts.count
                try #require(listener.waitForVerdicts(heard + 1 + Int(random.next() % 40)))
                // A random instant within a commit's time.
                let instant = SystemClock().now + random.next() % 20_000_000
                _ = SystemClock().wait(until: instant, unless: StopSignal())
                monitor.program.signal(SIGKILL)
                _ = await monitor.program.finish()
                let reader = try JournalReader(opening: monitor.stateFolder.database)
                openAtKill.formUnion(try reader.openParts().map(\.key))
            }
            load.stop()
            slow.stop()
            let last = try await RunningMonitor.start(in: folder, models: models)
            #expect(listener.waitForHeartbeat(after: listener.heartbeats))
            last.program.terminate()
            #expect(await last.program.finish().status == 0)
            listener.stop()

            let check = try JournalCheck.run(folder: last.stateFolder)
            #expect(check.problems == [] && check.openParts == [])
            #expect(last.stateFolder.setAside == [])
            var stored: [UInt64: JournalVerdict] = [:], byPart: [PartKey: [JournalVerdict]] = [:]
            var salvage = JournalSalvage(try JournalReader(opening: last.stateFolder.database))
            try salvage.forEach { verdict in
                stored[verdict.seq] = verdict
                byPart[verdict.part, default: []].append(verdict)
            }
            let heard = listener.verdicts
            let missing = heard.filter { stored[$0.seq]?.json != $0.json }
            #expect(missing.isEmpty, "\(missing.count) published verdicts are not in the journal as published")
            let results = Dictionary(grouping: stored.values, by: \.resultID)
            #expect(results.values.allSatisfy { $0.count == 1 })
            #expect(Set(heard.map(\.epoch)).count == 1)
            #expect(byPart.values.allSatisfy { $0.count == 1 }, "a part has two verdicts")
            #expect(openAtKill.count > times / 2, "too few parts were open at a kill to show anything")
            for key in openAtKill {
                let verdicts = byPart[key] ?? []
                #expect(verdicts.map(\.evaluation) == ["not_decidable"], "\(key)")
            }
            // Beside all other tests a start may take long.
            #expect(slowest < (Faults.isFull ? 3 : 60))
            Faults.report(
                row: 1,
                "and row 2: \(times) kills (seed \(seed)) and \(killedStarting) within a start-up, \(heard.count) verdicts "
                    + "heard, \(stored.count) in the journal, \(missing.count) missing, \(openAtKill.count) parts open at a kill, each with one not_decidable verdict; ready after "
                    + "\(decimal(starts.sorted()[starts.count / 2])) s at the median, \(decimal(slowest)) s at most")
        }
    }
}

func decimal(_ value: Double) -> String { String(format: "%.2f", value) }

extension JournalFaults {
    /// Row 18: a named consumer, the Python client of the documentation, killed over and over.
    @Suite struct ConsumerKillTests {
        static let python = "/usr/bin/python3"

        static func hasClient() async -> Bool {
            let program = try? Program(["-c", "import zmq"], binary: URL(filePath: python))
            return await program?.finish().status == 0
        }

        @Test(
            .enabled("needs Debian's python3-zmq: make test-packages") {
                try await Requirement.isMet("needs Debian's python3-zmq", hasClient)
            })
        func whatItReceivedInAllIsTheJournal() async throws {
            let times = Faults.length(10, full: 100)
            let folder = try ScratchFolder("consumer")
            let monitor = try await RunningMonitor.start(in: folder, models: try await QuickModel.folder())
            let load = PartLoad(to: monitor.input, rate: 100, frames: 1)
            let client = Program.repository.appending(path: "docs/clients/verdicts.py").path
            var random = SplitMix64(seed: 18)
            var received: [UInt64: String] = [:], lines = 0
            func note(_ output: String) {
                for line in output.split(separator: "\n") {
                    let words = line.split(separator: " ")
                    guard words.count == 4, let seq = UInt64(words[0]) else { continue }
                    lines += 1
                    received[seq] = String(words[3])
                }
            }
            func start() throws -> Program {
                try Program(
                    [client, "mes1", monitor.live, monitor.replay], binary: URL(filePath: Self.python))
            }
            for _ in 0..<times {
                let consumer = try start()
                let wanted = 1 + Int(random.next() % 60)
                let line = await consumer.outputLine(wanted) { _ in true }
                try #require(line != nil)
                consumer.signal(SIGKILL)
                note(await consumer.finish().standardOutput)
            }
            load.stop()
            // A refusal that asking again does not change is told, and ends it.
            let refused = try await Program(
                [client, "no name", monitor.live, monitor.replay], binary: URL(filePath: Self.python)
            ).finish()
            #expect(refused.status == 1 && refused.standardError.contains("RuntimeError: consumer"))
            let head = try JournalReader(opening: monitor.stateFolder.database).extent().head
            let consumer = try start()
            _ = await consumer.outputLine { $0.hasPrefix("\(head) ") }
            consumer.signal(SIGKILL)
            note(await consumer.finish().standardOutput)
            monitor.program.terminate()
            #expect(await monitor.program.finish().status == 0)

            var stored: [UInt64: String] = [:]
            var salvage = JournalSalvage(try JournalReader(opening: monitor.stateFolder.database))
            try salvage.forEach { stored[$0.seq] = $0.resultID }
            #expect(received.filter { $0.key <= head } == stored.filter { $0.key <= head })
            Faults.report(
                row: 18,
                "consumer killed \(times) times, \(stored.count) verdicts in the journal, all received, "
                    + "\(lines - received.count) of them again")
        }
    }
}
