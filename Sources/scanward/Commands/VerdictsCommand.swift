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

    @Flag(help: "Print each verdict as the JSON that was published.")
    var json = false

    func run() async throws {
        try await reportingFailures { try follow() }
    }

    private func follow() throws {
        let stop = StopSignal()
        let signals = stopOnSignals(stop)
        defer { signals.forEach { $0.cancel() } }
        do {
            var configuration = VerdictSubscriber.Configuration(endpoint: endpoint)
            configuration.line = line
            configuration.station = station
            configuration.evaluation = evaluation?.rawValue
            configuration.options.security = try keys.security()
            let subscriber = try VerdictSubscriber(context: try Context(), configuration: configuration)
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
        } catch let error as PublishingError {
            throw Failure(error.message)
        } catch let error as ZeroMQError {
            throw Failure(error.message)
        }
    }

    private func show(_ event: VerdictEvent) {
        switch event {
        case .verdict(let received):
            if json {
                Terminal.output(String(decoding: received.json, as: UTF8.self))
            } else if let verdict = try? JSONDecoder().decode(Verdict.self, from: Data(received.json)),
                verdict.regions.allSatisfy({ $0.centroid.count == 3 && $0.obb.extent.count == 3 })
            {
                VerdictTable.lines(verdict).forEach(Terminal.output)
            } else {
                Terminal.error(
                    "verdict \(received.seq) of \(received.station) is not verdict/1; --json shows it as it is")
            }
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

/// Calls `body` on each SIGHUP, until the source returned is cancelled.
func onHangup(_ body: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
    signal(SIGHUP, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
    source.setEventHandler { body() }
    source.resume()
    return source
}

/// Raises `stop` on SIGINT and SIGTERM, until the sources returned are cancelled.
func stopOnSignals(_ stop: StopSignal) -> [any DispatchSourceSignal] {
    [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { stop.raise() }
        source.resume()
        return source
    }
}
