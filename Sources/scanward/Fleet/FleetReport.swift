import Fleet
import Foundation
import NATSTransport
import Threads

/// How a fleet stands, as the server tells.
struct FleetReport: Encodable {
    struct Stream: Encodable {
        let name: String
        let messages: UInt64
        let bytes: UInt64
        /// Nil for no limit.
        let limitBytes: Int?
    }

    /// What waits for a line.
    struct Line: Encodable {
        let name: String
        /// Parts that no worker has, parts that one has, and those of them that came back from one that died.
        let waiting: UInt64
        let scoring: Int
        let givenOutAgain: Int
        /// Seconds since the oldest part was published; nil for none.
        let oldestAge: Double?
        /// Answers that the line has not taken yet.
        let answers: UInt64
        let dead: UInt64
    }

    struct Worker: Encodable {
        let id: String
        let version: String
        let parts: Int
        let returned: Int
        let partsPerMinute: Double
        /// Of a part, ms: all of it, and the scoring.
        let partMs: Double?
        let scoringMs: Double?
        let models: [String]
        let line: String?
        /// Seconds since it told so.
        let age: Double
    }

    let server: String
    let streams: [Stream]
    let byLine: [Line]
    let workers: [Worker]
    /// Verdicts that the hub has not taken yet; nil where there is no hub.
    let hubLag: UInt64?

    enum CodingKeys: String, CodingKey {
        case server, streams, workers
        case byLine = "lines"
        case hubLag = "hub_lag"
    }

    /// Whether nobody need look at it.
    var isAllRight: Bool {
        byLine.allSatisfy { $0.dead == 0 }
            && (!workers.isEmpty || byLine.allSatisfy { $0.waiting == 0 && $0.scoring == 0 })
    }

    init(_ link: FleetLink) throws(NATSError) {
        server = link.servers
        var streams: [Stream] = []
        for name in FleetNames.all {
            let info = try link.streams.info(name)
            let limit = info.config.maximumBytes.flatMap { $0 > 0 ? $0 : nil }
            streams.append(
                Stream(name: name, messages: info.state.messages, bytes: info.state.bytes, limitBytes: limit))
        }
        self.streams = streams
        byLine = try Self.lines(link.streams)
        workers = try Self.workers(link.streams)
        hubLag = try link.streams.consumers(of: FleetNames.verdicts).first { $0.name == "hub" }
            .map(\.outstanding)
    }

    private static func lines(_ streams: JetStream) throws(NATSError) -> [Line] {
        let answers = try streams.consumers(of: FleetNames.answers)
        let dead = try streams.info(FleetNames.dead, subjects: "scanward.dead.*").state.subjects ?? [:]
        var lines: [Line] = []
        for consumer in try streams.consumers(of: FleetNames.parts) {
            guard let name = FleetNames.line(ofConsumer: consumer.name) else { continue }
            lines.append(
                Line(
                    name: name, waiting: consumer.pending, scoring: consumer.unacknowledged,
                    givenOutAgain: consumer.redelivered, oldestAge: try age(of: name, in: streams),
                    answers: answers.first { $0.name == consumer.name }?.outstanding ?? 0,
                    dead: dead[FleetNames.dead(of: name)] ?? 0))
        }
        return lines.sorted { $0.name < $1.name }
    }

    /// Of the oldest part that waits or is being scored.
    private static func age(of line: String, in streams: JetStream) throws(NATSError) -> Double? {
        guard let oldest = try streams.first(of: FleetNames.part(of: line), in: FleetNames.parts),
            let ticket = try? PartMessage.Received(oldest.payload).ticket
        else { return nil }
        return age(since: ticket.handedOverNs)
    }

    /// In seconds, to the millisecond; 0 where the other's clock is ahead.
    private static func age(since unixNanoseconds: UInt64) -> Double {
        let now = SystemClock.unixNanoseconds
        return Double((now - min(now, unixNanoseconds)) / 1_000_000) / 1000
    }

    private static func workers(_ streams: JetStream) throws(NATSError) -> [Worker] {
        var workers: [Worker] = []
        let subjects = try streams.info(FleetNames.workers, subjects: "scanward.worker.*").state.subjects ?? [:]
        for subject in subjects.keys.sorted() {
            guard let message = try streams.last(of: subject, in: FleetNames.workers),
                let report = try? WorkerReport(message.payload)
            else { continue }
            workers.append(
                Worker(
                    id: report.id, version: report.version, parts: report.parts, returned: report.returned,
                    partsPerMinute: report.partsPerMinute, partMs: report.partMs, scoringMs: report.scoringMs,
                    models: report.models, line: report.line,
                    age: age(since: report.toldNs)))
        }
        return workers
    }

    // MARK: For people

    var lines: [String] {
        func row(_ cells: [String], _ widths: [Int]) -> String {
            zip(cells, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
        }
        func number(_ value: Double?) -> String { value.map { String(format: "%.1f", $0) } ?? "-" }
        var text = ["fleet at \(server)", ""]
        text.append(row(["STREAM", "MESSAGES", "MB"], [18, 10, 10]))
        for stream in streams {
            text.append(row([stream.name, "\(stream.messages)", number(Double(stream.bytes) / 1e6)], [18, 10, 10]))
        }
        text += [
            "", row(["LINE", "WAITING", "SCORING", "OLDEST s", "AGAIN", "ANSWERS", "DEAD"], [18, 8, 8, 9, 6, 8, 5]),
        ]
        for line in byLine {
            text.append(
                row(
                    [
                        line.name, "\(line.waiting)", "\(line.scoring)", number(line.oldestAge),
                        "\(line.givenOutAgain)",
                        "\(line.answers)", "\(line.dead)",
                    ], [18, 8, 8, 9, 6, 8, 5]))
        }
        if byLine.isEmpty { text.append("no line has joined yet: `scanward run --role ingest`") }
        text += ["", row(["WORKER", "PARTS", "PER MIN", "MS", "SCORING", "MODELS", "NOW"], [28, 7, 8, 8, 8, 14, 10])]
        for worker in workers {
            text.append(
                row(
                    [
                        worker.id, "\(worker.parts)", number(worker.partsPerMinute), number(worker.partMs),
                        number(worker.scoringMs), worker.models.map { String($0.prefix(6)) }.joined(separator: ","),
                        worker.line ?? "-",
                    ], [28, 7, 8, 8, 8, 14, 10]))
        }
        if workers.isEmpty { text.append("no worker has reported in the last 15 s: `scanward run --role score`") }
        if let hubLag { text += ["", "\(hubLag) verdicts wait for the hub"] }
        return text
    }
}
