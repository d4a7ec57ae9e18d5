import ArgumentParser
import Fleet
import Foundation
import NATSTransport
import Threads

struct FleetStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows a fleet: its streams, what waits in them for each line, and the workers.",
        discussion: """
            Exit codes: 0 there are workers, or nothing waits; 6 parts wait and no worker is there, or parts lie among the dead
            letters; 1 the server is not reached, or the streams are not there.
            """)

    @OptionGroup var address: FleetAddress

    @Flag(help: "Print it as one line of JSON.")
    var json = false

    func run() async throws {
        try await reportingFailures {
            let link = try address.link()
            defer { link.connection.close() }
            let report: FleetReport
            do throws(NATSError) {
                report = try FleetReport(link)
            } catch {
                throw Failure(FleetStreams.sentence(error))
            }
            if json {
                Terminal.output(try jsonLine(report))
            } else {
                report.lines.forEach { Terminal.output(printable($0)) }
            }
            guard report.isAllRight else { throw ExitCode(ExitCodes.toLookAt.rawValue) }
        }
    }
}
