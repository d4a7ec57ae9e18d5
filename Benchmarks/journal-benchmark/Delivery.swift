import Foundation
import Journal
import Publishing
import Threads
import ZeroMQ

/// A journal, a publisher and a subscriber, joined as in the monitor.
final class Delivery {
    struct Outcome {
        /// From `append` to the subscriber, ms, by verdict.
        var latencies: [Double] = []
        var seconds = 0.0
        var commits: UInt64 = 0
        /// Verdicts that did not come, and those that came after a later one.
        var missing = 0
        var outOfOrder = 0

        /// What a reader should know before the figures.
        var completeness: String {
            let whole = missing == 0 && outOfOrder == 0
            return whole ? "all received, in order" : "\(missing) MISSING, \(outOfOrder) OUT OF ORDER"
        }
    }

    private let path: String
    private let context: Context
    private let journal: Journal
    private let publisher: VerdictPublisher
    private let subscriber: VerdictSubscriber
    private let stalled: Socket?

    init(in folder: String, stalled: Bool = false) throws {
        path = folder + "/scanward-bench-\(UUID().uuidString.prefix(8))"
        context = try Context()
        journal = try Journal.open(Journal.Configuration(folder: StateFolder(path)))
        var configuration = VerdictPublisher.Configuration(
            endpoint: "tcp://127.0.0.1:0", line: "line1", station: "st1", epoch: journal.opening.epoch)
        configuration.options.sendHighWaterMark = 200
        configuration.heartbeatInterval = .milliseconds(100)
        publisher = try VerdictPublisher(context: context, configuration: configuration)
        subscriber = try VerdictSubscriber(
            context: context, configuration: VerdictSubscriber.Configuration(endpoint: publisher.endpoint))
        if stalled {
            var options = SocketOptions.verdicts
            options.receiveHighWaterMark = 1
            let socket = try Socket(.sub, context: context, options: options)
            try socket.subscribe("")
            try socket.connect(publisher.endpoint)
            self.stalled = socket
        } else {
            self.stalled = nil
        }
        while let event = try subscriber.next() { if case .heartbeat = event { break } }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Appends verdicts of 2 KB at `rate` for so long, and receives them all.
    func run(rate: Double, seconds: Double) throws -> Outcome {
        let journal = journal, publisher = publisher, epoch = journal.opening.epoch
        let sent = Monitor<(times: [UInt64], isDone: Bool)>(([], false))
        let filler = String(repeating: "x", count: 1900)
        let began = SystemClock().now
        let producer = JoinableThread(name: "producer") {
            var seq: UInt64 = 0, next = began
            while Double(SystemClock().now - began) < seconds * 1e9 {
                seq += 1
                let json = Array(#"{"epoch":"\#(epoch)","seq":\#(seq),"filler":"\#(filler)"}"#.utf8)
                let verdict = JournalVerdict(
                    seq: seq, resultID: "result-\(seq)", line: "line1", station: "st1",
                    part: PartKey(source: "s", session: "s", partID: "part-\(seq)", attempt: 1), partType: "mug",
                    evaluation: "ok", decidedNanoseconds: SystemClock.unixNanoseconds, json: json)
                sent.withLock { $0.times.append(SystemClock().now) }
                let number = seq
                journal.append(.verdict(verdict)) { result in
                    if case .success = result { _ = try? publisher.publish(seq: number, evaluation: "ok", json: json) }
                }
                if rate.isFinite {
                    next += UInt64(1e9 / rate)
                    _ = SystemClock().wait(until: next, unless: StopSignal())
                }
            }
            sent.withLock { $0.isDone = true }
        }
        var outcome = Outcome(), lastSeq: UInt64 = 0, lastAt = SystemClock().now
        while true {
            let (count, isDone) = sent.withLock { ($0.times.count, $0.isDone) }
            if isDone && lastSeq >= UInt64(count) { break }
            // Nothing comes any more: the rest is missing. A heartbeat every 100 ms would hide that from the deadline.
            guard SystemClock().now < lastAt + 5_000_000_000 else { break }
            guard let event = try subscriber.next(deadline: SystemClock().after(.seconds(1))) else { continue }
            guard case .verdict(let received) = event else { continue }
            let at = SystemClock().now
            if received.seq <= lastSeq { outcome.outOfOrder += 1 }
            lastSeq = max(lastSeq, received.seq)
            lastAt = at
            outcome.latencies.append(Double(at - sent.withLock { $0.times[Int(received.seq) - 1] }) / 1e6)
        }
        outcome.seconds = Double(SystemClock().now - began) / 1e9
        producer.join()
        journal.close()
        outcome.commits = journal.commits
        outcome.missing = sent.withLock { $0.times.count } - outcome.latencies.count
        publisher.stop()
        subscriber.close()
        stalled?.close()
        return outcome
    }
}
