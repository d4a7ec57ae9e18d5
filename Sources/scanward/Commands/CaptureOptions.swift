import ArgumentParser
import FrameProtocol
import Ingest

/// How a recording is read, for every command that reads one.
struct CaptureOptions: ParsableArguments {
    @Flag(
        help:
            "Go on at the end of the recording, as the capturing program writes on; ends by SIGTERM, SIGINT, --idle or --duration."
    )
    var follow = false

    @Option(
        help: ArgumentHelp("With --follow: end when nothing was added for so long.", valueName: "seconds"))
    var idle: Double?

    @Option(help: ArgumentHelp("List so many losses of a recording one by one; all are counted.", valueName: "count"))
    var losses = 100

    func validate() throws {
        guard idle == nil || follow else { throw ValidationError("--idle goes with --follow") }
        guard idle.map({ $0 > 0 && $0 < 1e9 }) ?? true else {
            throw ValidationError("--idle: expected seconds above 0, found \(idle ?? 0)")
        }
        guard losses >= 0 else { throw ValidationError("--losses: expected 0 or more, found \(losses)") }
    }

    var following: CaptureFollowing? { follow ? CaptureFollowing(idle: idle.map { .seconds($0) }) : nil }

    var limits: CaptureLimits { CaptureLimits(listedLosses: losses) }
}
