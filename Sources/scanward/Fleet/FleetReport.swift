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
        /// Parts that wait in the line's spool, and are not with the server yet; nil for a line that is not there.
        let spooled: Int?
        /// Seconds since the line has the oldest part that has no verdict, or since it was published where the line is not there; nil
        /// for none.
        let oldestAge: Double?
        /// Which process is the line; nil where none tells.
        let process: String?
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
        /// Medians of a part, ms: all of it, the scoring, and what is left; and how long that has the processor busy.
        let partMs: Double?
        let scoringMs: Double?
        let fleetMs: Double?
        let fleetBusyMs: Double?
        /// Clouds for dashboards that it did not send.
        let cloudsDropped: Int
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

    /// - Parameter line: whose row alone is asked for; nil for all.
    init(_ link: FleetLink, line: String? = nil) throws(NATSError) {
        try self.init(server: link.servers, link.streams, line: line)
    }

    init(server: String, _ jetStream: JetStream, line: String? = nil) throws(NATSError) {
        self.server = server
        var streams: [Stream] = []
        for name in FleetNames.all {
            let info = try jetStream.info(name)
            let limit = info.config.maximumBytes.flatMap { $0 > 0 ? $0 : nil }
            streams.append(
                Stream(name: name, messages: info.state.messages, bytes: info.state.bytes, limitBytes: limit))
        }
        self.streams = streams
        byLine = try Self.lines(jetStream, line)
        workers = try Self.workers(jetStream)
        hubLag = try jetStream.consumers(of: FleetNames.verdicts).first { $0.name == FleetNames.hub }
            .map(\.outstanding)
    }

    private static func lines(_ streams: JetStream, _ only: String?) throws(NATSError) -> [Line] {
        let answers = try streams.consumers(of: FleetNames.answers)
        let dead = try streams.info(FleetNames.dead, subjects: "scanward.dead.*").state.subjects ?? [:]
        var lines: [Line] = []
        for consumer in try streams.consumers(of: FleetNames.parts) {
            guard let name = FleetNames.line(ofConsumer: consumer.name), only ?? name == name else { continue }
            let told = try streams.last(of: FleetNames.owner(of: name), in: FleetNames.workers)
                .flatMap { try? LineReport($0.payload) }
            // A line that is there tells it; else it is that of what lies there.
            var age = told?.oldestAge
            if told == nil, consumer.outstanding > 0 { age = try Self.age(of: name, in: streams) }
            lines.append(
                Line(
                    name: name, waiting: consumer.pending, scoring: consumer.unacknowledged,
                    givenOutAgain: consumer.redelivered,
                    spooled: told.flatMap { told in told.parts.map { $0 - (told.sent ?? 0) } },
                    oldestAge: age.flatMap { $0 > 0 ? $0 : nil }, process: told?.process,
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
                    fleetMs: report.fleetMs, fleetBusyMs: report.fleetBusyMs, cloudsDropped: report.cloudsDropped ?? 0,
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
            "",
            row(
                ["LINE", "SPOOLED", "WAITING", "SCORING", "OLDEST s", "AGAIN", "ANSWERS", "DEAD"],
                [18, 8, 8, 8, 9, 6, 8, 5]),
        ]
        for line in byLine {
            text.append(
                row(
                    [
                        line.name, line.spooled.map { "\($0)" } ?? "away", "\(line.waiting)", "\(line.scoring)",
                        number(line.oldestAge),
                        "\(line.givenOutAgain)",
                        "\(line.answers)", "\(line.dead)",
                    ], [18, 8, 8, 8, 9, 6, 8, 5]))
        }
        if byLine.isEmpty { text.append("no line has joined yet: `scanward run --role ingest`") }
        text += [
            "",
            row(
                ["WORKER", "PARTS", "PER MIN", "MS", "SCORING", "FLEET", "MODELS", "NOW"], [28, 7, 8, 8, 8, 8, 14, 10]),
        ]
        for worker in workers {
            text.append(
                row(
                    [
                        worker.id, "\(worker.parts)", number(worker.partsPerMinute), number(worker.partMs),
                        number(worker.scoringMs), number(worker.fleetMs),
                        worker.models.map { String($0.prefix(6)) }.joined(separator: ","),
                        worker.line ?? "-",
                    ], [28, 7, 8, 8, 8, 8, 14, 10]))
        }
        if workers.isEmpty { text.append("no worker has reported in the last 15 s: `scanward run --role score`") }
        if let hubLag { text += ["", "\(hubLag) verdicts wait for the hub"] }
        return text
    }
}
