import Fleet
import NATSTransport

/// The streams of a fleet, as `scanward fleet init` makes them.
enum FleetStreams {
    /// - Parameters:
    ///   - replicas: servers of a cluster that hold each message.
    ///   - gigabytes: the most that parts, their chunks and verdicts on the way to the hub may take, each.
    static func configurations(replicas: Int, gigabytes: Int) -> [StreamConfiguration] {
        let bytes = gigabytes << 30
        return [
            // Full, it takes no more: what is out is with the lines' spools, which wait.
            StreamConfiguration(
                name: FleetNames.parts, subjects: ["scanward.part.*"], retention: .workQueue, discard: .new,
                maximumBytes: bytes, replicas: replicas),
            // The line removes them with the verdict; what a line left behind that never came back goes by itself.
            StreamConfiguration(
                name: FleetNames.chunks, subjects: ["scanward.chunk.>"], retention: .limits, discard: .new,
                maximumBytes: bytes, maximumMessagesPerSubject: 1, maximumAge: .seconds(86_400), replicas: replicas),
            StreamConfiguration(
                name: FleetNames.models, subjects: ["scanward.model.>"], retention: .limits, discard: .new,
                maximumMessagesPerSubject: 1, replicas: replicas),
            StreamConfiguration(
                name: FleetNames.answers, subjects: ["scanward.answer.*"], retention: .workQueue, discard: .new,
                maximumBytes: bytes, duplicateWindow: .seconds(600), replicas: replicas),
            // To be looked at, and no more: the oldest goes first.
            StreamConfiguration(
                name: FleetNames.clouds, subjects: ["scanward.cloud.>"], retention: .limits, discard: .old,
                maximumBytes: bytes, maximumMessagesPerSubject: 256, maximumAge: .seconds(3600), replicas: replicas),
            // Each line's journal has them too, and sends them on for as long as it keeps them.
            StreamConfiguration(
                name: FleetNames.verdicts, subjects: ["scanward.verdict.*"], retention: .limits, discard: .old,
                maximumBytes: bytes, maximumAge: .seconds(7 * 86_400), duplicateWindow: .seconds(600),
                replicas: replicas),
            StreamConfiguration(
                name: FleetNames.dead, subjects: ["scanward.dead.*"], retention: .limits, discard: .old,
                maximumBytes: bytes, maximumAge: .seconds(30 * 86_400), replicas: replicas),
            StreamConfiguration(
                name: FleetNames.began, subjects: ["scanward.began.*.*"], retention: .limits, discard: .old,
                maximumMessagesPerSubject: 16, maximumAge: .seconds(86_400), replicas: replicas),
            StreamConfiguration(
                name: FleetNames.workers, subjects: ["scanward.worker.*", "scanward.owner.*"], retention: .limits,
                discard: .old,
                maximumMessagesPerSubject: 1, maximumAge: WorkerReport.lifetime, replicas: replicas),
        ]
    }

    /// A refusal in a sentence that says what to do, where it can be said.
    static func sentence(_ error: NATSError) -> String {
        switch error.code {
        case .refused(NATSError.streamNotFound), .refused(NATSError.consumerNotFound), .noResponders:
            "\(error.message): make the fleet's streams with `scanward fleet init`"
        default: error.message
        }
    }
}

extension JetStream {
    /// What a part's message left elsewhere, in its order.
    ///
    /// - Parameters:
    ///   - name: what one of them is called.
    ///   - subject: of each.
    func pieces(_ count: Int, called name: String, in stream: String, _ subject: (Int) -> String) throws -> [[UInt8]] {
        try (0..<count).map { index in
            guard let piece = try last(of: subject(index), in: stream) else {
                throw Failure("\(name) \(index) of \(count) of its points is not there")
            }
            return piece.payload
        }
    }
}
