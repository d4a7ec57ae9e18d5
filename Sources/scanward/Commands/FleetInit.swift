import ArgumentParser
import NATSTransport
import Threads

struct FleetInit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Makes the fleet's streams, or changes those that are there to what is said now.",
        discussion: "To be run once, and after an update of scanward. What lies in the streams stays.")

    @OptionGroup var address: FleetAddress

    @Option(help: "Servers of a cluster that hold each message (1, 3 or 5).")
    var replicas = 1

    @Option(
        help: ArgumentHelp(
            "The most that parts, their points, answers, clouds, verdicts and dead letters may take on a server's disk, each.",
            valueName: "GiB"))
    var size = 4

    @Flag(help: "Print each stream as a line of JSON.")
    var json = false

    func validate() throws {
        guard [1, 3, 5].contains(replicas) else {
            throw ValidationError("--replicas: expected 1, 3 or 5, found \(replicas)")
        }
        guard (1...65_536).contains(size) else {
            throw ValidationError("--size: expected a whole number of GiB from 1 to 65536, found \(size)")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let link = try address.link()
            defer { link.connection.close() }
            for stream in FleetStreams.configurations(replicas: replicas, gigabytes: size) {
                let isNew: Bool
                do throws(NATSError) {
                    isNew = try link.streams.ensure(stream)
                } catch {
                    let room =
                        error.code == .refused(NATSError.storageExceeded)
                        ? ": the server's disk, or max_file_store, has no room for --size \(size) GiB in each of six streams"
                        : ""
                    throw Failure(FleetStreams.sentence(error) + room)
                }
                Terminal.output(
                    json
                        ? try jsonLine(Made(stream: stream.name, isNew: isNew))
                        : "\(stream.name) \(isNew ? "made" : "is there, and as it should be")")
            }
        }
    }

    private struct Made: Encodable {
        let stream: String
        let isNew: Bool
    }
}
