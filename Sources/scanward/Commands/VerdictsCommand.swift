public import ArgumentParser
import Foundation
import Inspection
import Publishing
import Threads
import ZeroMQ

struct VerdictsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdicts",
        abstract: "Follows the verdicts of a running monitor.",
        discussion: """
            Gaps in their numbers, a silent monitor and its return are told on standard error. Whoever releases parts by
            these verdicts: no verdict, silence, or anything but ok means that the part is not released.

            With --consumer or --from every verdict comes, once and in order: those that were missed come from the monitor's
            journal (scanward run --state). A consumer's verdicts count as received once they are printed; after a restart
            of either side the last ones may come again (equal result_id).
            """)

    @Argument(help: "Where the monitor publishes.")
    var endpoint = "tcp://127.0.0.1:5601"

    @Option(help: "Only this line.")
    var line: String?

    @Option(help: "Only this station of the line.")
    var station: String?

    @Option(help: "Only this evaluation of the station: ok, not_ok, not_decidable or undefined.")
    var evaluation: Evaluation?

    @OptionGroup var keys: ClientKeyOptions

    @Option(help: "End after so many verdicts.")
    var count: Int?

    @Option(
        help: ArgumentHelp(
            "Get every verdict: the monitor remembers under this name how far this consumer has come.",
            valueName: "name"))
    var consumer: String?

    @Option(help: ArgumentHelp("Begin with this verdict, from the monitor's journal.", valueName: "seq"))
    var from: UInt64?

    @Option(help: ArgumentHelp("Where the monitor answers for earlier verdicts.", valueName: "endpoint"))
    var replay = "tcp://127.0.0.1:5602"

    @Flag(help: "Print each verdict as the JSON that was published.")
    var json = false

    func run() async throws {
        try await reportingFailures {
            if consumer != nil || from != nil { try followAll() } else { try follow() }
        }
    }

    /// Live verdicts and, from the journal, those that did not come.
    private func followAll() throws {
        let stop = StopSignal()
        let signals = stopOnSignals(stop)
        defer { signals.forEach { $0.cancel() } }
        var configuration = VerdictFollower.Configuration(live: try live(), replay: replay)
        configuration.consumer = consumer
        configuration.from = from
        let follower = try VerdictFollower(context: try Context(), configuration: configuration)
        defer { follower.close() }
        if !json { Terminal.output(VerdictTable.header) }
        var seen = 0, unacknowledged: UInt64?, pending = 0
        while let event = try follower.next(unless: stop) {
            switch event {
            case .verdict(let verdict, _):
                if evaluation.map({ $0.rawValue == verdict.evaluation }) ?? true {
                    try deliver(verdict)
                    seen += 1
                }
                unacknowledged = verdict.seq
                pending += 1
            case .behind(let seq): Terminal.error("verdict \(seq) did not come: asking the journal from there on")
            case .removed(let range):
                Terminal.error(
                    "verdicts \(range.lowerBound) to \(range.upperBound) are not kept any more (run --keep-days, "
                        + "--keep-size)")
            case .unreadable(let range):
                Terminal.error(
                    "verdicts \(range.lowerBound) to \(range.upperBound) cannot be read: the monitor's journal is damaged; "
                        + "start it again, it sets that journal aside, and `scanward journal export` reads what can be read"
                )
            case .live(let event): show(event)
            }
            let isDone = count.map { seen >= $0 } ?? false
            if let seq = unacknowledged, follower.isDrained || pending >= 100 || isDone {
                if try follower.acknowledge(through: seq, unless: stop) {
                    (unacknowledged, pending) = (nil, 0)
                } else if isDone {
                    Terminal.error(
                        "verdicts up to \(seq) could not be acknowledged, as the monitor does not answer: they will come again"
                    )
                }
            }
            if isDone { break }
        }
    }

    private func live() throws -> VerdictSubscriber.Configuration {
        var configuration = VerdictSubscriber.Configuration(endpoint: endpoint)
        configuration.line = line
        configuration.station = station
        configuration.evaluation = evaluation?.rawValue
        configuration.options.security = try keys.security()
        return configuration
    }

    private func follow() throws {
        let stop = StopSignal()
        let signals = stopOnSignals(stop)
        defer { signals.forEach { $0.cancel() } }
        let subscriber = try VerdictSubscriber(context: try Context(), configuration: try live())
        defer { subscriber.close() }
        if !json { Terminal.output(VerdictTable.header) }
        var seen = 0, connected = false
        while let event = try subscriber.next(unless: stop) {
            if !connected, case .heartbeat(let beat) = event {
                connected = true
                Terminal.error("connected to \(beat.station), verdict \(beat.seq) was the last")
            }
            show(event)
            if case .verdict = event { seen += 1 }
            if let count, seen >= count { break }
        }
    }

    /// Prints a verdict that is acknowledged afterwards: what could not be written ends the command before that.
    private func deliver(_ verdict: StoredVerdict) throws(Failure) {
        for line in lines(verdict.json, seq: verdict.seq, of: verdict.station) { try Terminal.deliver(line) }
    }

    private func lines(_ json: [UInt8], seq: UInt64, of station: VerdictTopic.Station) -> [String] {
        if self.json { return [String(decoding: json, as: UTF8.self)] }
        if let verdict = try? JSONDecoder().decode(Verdict.self, from: Data(json)),
            verdict.regions.allSatisfy({ $0.centroid.count == 3 && $0.obb.extent.count == 3 })
        {
            return VerdictTable.lines(verdict)
        }
        Terminal.error("verdict \(seq) of \(station) is not verdict/1; --json shows it as it is")
        return []
    }

    private func show(_ event: VerdictEvent) {
        switch event {
        case .verdict(let received):
            lines(received.json, seq: received.seq, of: received.station).forEach(Terminal.output)
        case .heartbeat: break
        case .gap(let gap):
            Terminal.error(
                "\(gap.station): \(gap.missing.count) verdicts did not arrive: \(gap.missing.lowerBound) to "
                    + "\(gap.missing.upperBound); their parts are not released")
        case .epochChanged(let station, _, let to):
            Terminal.error("\(station): the monitor started anew (epoch \(printable(to)))")
        case .silent(let station, let nanoseconds):
            Terminal.error(
                "\(station.map { "\($0)" } ?? endpoint): silent for \(nanoseconds / 1_000_000_000) s; is `scanward run` "
                    + "up, and does it publish at this address? No part is released until it is heard again")
        case .resumed(let station): Terminal.error("\(station): heard again")
        case .malformed(let reason): Terminal.error(printable(reason))
        }
    }
}

extension Evaluation: ExpressibleByArgument {}
