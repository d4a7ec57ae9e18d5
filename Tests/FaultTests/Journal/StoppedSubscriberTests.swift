import Foundation
import Journal
import TestPrograms
import Testing
import Threads

extension JournalFaults {
    /// Row 6: a subscriber that stands still.
    @Suite struct StoppedSubscriberTests {
        @Test func itCostsTheOthersNothingAndCatchesUp() async throws {
            let seconds = Faults.length(4, full: 60)
            // Short, larger verdicts fill what the sockets hold in less time. Not more of them: the 200 that wait for each
            // subscriber must outlast the time for which a busy machine lets the listener itself stand.
            let rate = Faults.isFull ? 20.0 : 50.0
            let folder = try ScratchFolder("stopped")
            let monitor = try await RunningMonitor.start(in: folder, models: try await QuickModel.folder())
            let listener = Listener(to: monitor.live)
            let load = PartLoad(
                to: monitor.input, rate: rate, frames: 1,
                user: #"{"filler":"\#(String(repeating: "x", count: Faults.isFull ? 20_000 : 60_000))"}"#)
            let consumer = try Program([
                "verdicts", monitor.live, "--replay", monitor.replay, "--consumer", "mes1", "--json",
            ])
            _ = try #require(await consumer.outputLine { _ in true })
            try wait(seconds, listener)
            let (before, memoryBefore) = (latencies(listener, last: Double(seconds)), monitor.resources.memory)

            consumer.signal(SIGSTOP)
            try wait(seconds, listener)
            let (during, memoryAfter) = (latencies(listener, last: Double(seconds)), monitor.resources.memory)
            let headAtResume = try JournalReader(opening: monitor.stateFolder.database).extent().head
            consumer.signal(SIGCONT)
            let resumedAt = SystemClock().now
            let noticed = await consumer.line(beginning: "verdict ")
            let noticedAfter = testSeconds(since: resumedAt)
            #expect(noticed?.hasSuffix("did not come: asking the journal from there on") ?? false)
            #expect(noticedAfter < (Faults.isFull ? 2 : 30))
            // A verdict of before the resumption that had not come: it is either in the socket's memory or replayed.
            let caughtUp = await consumer.outputLine { $0.contains(#""seq":\#(headAtResume),"#) }
            let caughtUpAfter = testSeconds(since: resumedAt)
            #expect(caughtUp != nil)
            load.stop()
            let head = try JournalReader(opening: monitor.stateFolder.database).extent().head
            _ = await consumer.outputLine { $0.contains(#""seq":\#(head),"#) }
            consumer.terminate()
            let output = await consumer.finish()
            monitor.program.terminate()
            #expect(await monitor.program.finish().status == 0)
            listener.stop()
            let seqs = output.standardOutput.split(separator: "\n").compactMap { Self.seq(of: $0) }
            #expect(seqs.first == 1 && seqs == (1...UInt64(seqs.count)).map { $0 }, "each once and in order")
            #expect(seqs.last ?? 0 >= head)
            #expect(listener.gaps == 0, "the others lost nothing")
            let grown = memoryAfter - memoryBefore
            #expect(grown < 50 << 20)
            // A tenth, and 2 ms of noise; only where the machine has nothing else to do.
            if Faults.isFull { #expect(p99(during) <= 1.1 * p99(before) + 2) }
            Faults.report(
                row: 6,
                "subscriber stopped for \(seconds) s at \(Int(rate)) verdicts/s: memory grew by \(grown >> 10) KB, p99 of "
                    + "another \(decimal(p99(before))) ms before, \(decimal(p99(during))) ms meanwhile; gap noticed "
                    + "\(decimal(noticedAfter)) s, filled "
                    + "\(decimal(caughtUpAfter)) s after it went on")
        }

        private func testSeconds(since instant: UInt64) -> Double { Double(SystemClock().now - instant) / 1e9 }

        /// Lets so many seconds of verdicts pass.
        private func wait(_ seconds: Int, _ listener: Listener) throws {
            let deadline = SystemClock().after(.seconds(seconds))
            while SystemClock().now < deadline { try #require(listener.waitForVerdicts(listener.verdicts.count + 1)) }
        }

        /// From the decision to the arrival, ms, of the last seconds.
        private func latencies(_ listener: Listener, last seconds: Double) -> [Double] {
            let since = SystemClock().now - UInt64(seconds * 1e9)
            return listener.verdicts.filter { $0.at >= since }.compactMap { heard in
                struct Times: Decodable {
                    struct Decided: Decodable { let decided_ns: UInt64 }
                    let times: Decided
                }
                guard let times = try? JSONDecoder().decode(Times.self, from: Data(heard.json)) else { return nil }
                return (Double(heard.unix) - Double(times.times.decided_ns)) / 1e6
            }
        }

        private func p99(_ values: [Double]) -> Double {
            let sorted = values.sorted()
            return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
        }

        private static func seq(of line: Substring) -> UInt64? {
            struct Place: Decodable { let seq: UInt64 }
            return (try? JSONDecoder().decode(Place.self, from: Data(line.utf8)))?.seq
        }
    }
}
