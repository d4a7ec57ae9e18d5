import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
public import ServiceLifecycle
import Threads

/// What the dashboard shows; each of these is asked with each request. What is nil is not there.
public struct DashboardSources: Sendable {
    public var log: any VerdictLog
    public var line: (any LineWatch)?
    public var parts: (any PartGallery)?
    public var models: (any ModelShelf)?
    /// Tokens; without them only this machine may look, and nobody change anything.
    public var access: (any AccessControl)?

    public init(log: any VerdictLog) { self.log = log }
}

/// The monitor over HTTP: pages for people, JSON lines and server-sent events for programs, metrics, and whether it lives
/// and is ready. docs/dashboard.md and docs/verdicts.md have every path.
///
/// A request reads the journal a page at a time, and the next page when the one before is with the client: one that
/// reads slowly costs one page of memory.
public final class DashboardServer: Service {
    /// Where it listens, and its limits.
    public struct Configuration: Sendable {
        /// A name or an address to listen at.
        public var host: String
        /// 0 takes a free one.
        public var port: Int
        /// Names beside those of this machine by which a proxy asks; whoever comes by one needs a token.
        public var hostNames: Set<String> = []
        /// Where libjs-three lies.
        public var threeFolder = "/usr/share/javascript/three"
        /// Connections served at once; others wait to be accepted.
        public var maximumConnections = 64
        /// Of these, how many may follow live: each lasts as long as its client.
        public var maximumFollowers = 32
        /// Time between two looks for new verdicts.
        public var followInterval = Duration.milliseconds(200)
        /// Time after which a follower hears that the connection lives.
        public var keepAlive = Duration.seconds(5)
        /// How long a client may take nothing of what is sent to it; then its connection is closed.
        public var writeTimeout = Duration.seconds(10)
        /// The same while the server shuts down, for which nobody is to wait long.
        public var lastWriteTimeout = Duration.seconds(3)
        /// Of the connections, how many one other machine may have.
        public var maximumPerAddress = 16
        /// Within which a request must have come, head and body, from the connection's beginning on.
        public var requestTimeout = Duration.seconds(10)
        /// How long a connection stays open without a request.
        public var idleTimeout = Duration.seconds(30)
        /// For the times between wrong tokens.
        var clock: any MonotonicClock = SystemClock()

        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        /// Whether only this machine can reach it.
        public var isLocal: Bool { RequestOrigin.isLoopback(host.lowercased()) }
    }

    private let configuration: Configuration
    private let sources: DashboardSources
    private let seats: FollowerSeats
    private let tries: WrongTries
    private let failures: FailureLog
    private let didOpen: @Sendable (_ port: Int) -> Void

    /// - Parameters:
    ///   - didFail: is told of each request that failed here, with a sentence for the log or, where there were too many, nil.
    ///   - didOpen: is told the port once it listens.
    public init(
        configuration: Configuration, sources: DashboardSources,
        didFail: @escaping @Sendable (_ sentence: String?) -> Void = { _ in },
        didOpen: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.sources = sources
        self.didOpen = didOpen
        seats = FollowerSeats(configuration.maximumFollowers)
        tries = WrongTries(clock: configuration.clock)
        failures = FailureLog(clock: configuration.clock, report: didFail)
    }

    /// Serves until a graceful shutdown.
    public func run() async throws {
        let timeout = TimeAmount(configuration.writeTimeout), request = TimeAmount(configuration.requestTimeout)
        let idle = TimeAmount(configuration.idleTimeout), last = TimeAmount(configuration.lastWriteTimeout)
        // Some are kept free, so that a new connection is seen, and one that only waits can make room for it.
        let connections = OpenConnections(
            .init(
                perAddress: configuration.maximumPerAddress,
                ofAll: configuration.maximumConnections - configuration.maximumConnections / 8))
        let application = Application(
            router: router(),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        StalledClientHandler(timeout: timeout, lastTimeout: last),
                        LastBytesHandler(patience: last),
                        RequestDeadlineHandler(
                            connections: connections, requestTimeout: request, idleTimeout: idle),
                    ])),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: "scanward",
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections)),
            onServerRunning: { [didOpen] channel in didOpen(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "scanward.http") { _ in SwiftLogNoOpLogHandler() })
        try await application.run()
    }

    private func router() -> Router<DashboardContext> {
        let router = Router(context: DashboardContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityHeaders(failures: failures))
        router.add(
            middleware: AccessMiddleware(configuration: configuration, control: sources.access, tries: tries))
        HealthRoutes(log: sources.log, line: sources.line).add(to: router)
        SessionRoutes(control: sources.access, tries: tries).add(to: router)
        let verdicts = VerdictRoutes(
            log: sources.log, seats: seats, failures: failures, configuration: configuration)
        verdicts.add(to: router)
        PartRoutes(log: sources.log, gallery: sources.parts).add(to: router)
        if let line = sources.line { LiveRoutes(line: line, verdicts: verdicts).add(to: router) }
        if let models = sources.models { ModelRoutes(shelf: models, gallery: sources.parts).add(to: router) }
        PageRoutes(threeFolder: configuration.threeFolder).add(to: router)
        return router
    }
}

/// `/healthz` and `/readyz`, for whoever supervises the monitor: free to ask, and short.
struct HealthRoutes: Sendable {
    let log: any VerdictLog
    let line: (any LineWatch)?

    func add(to router: Router<DashboardContext>) {
        router.get("/healthz") { _, _ in Answer.text(.ok, "ok\n") }
        router.get("/readyz") { _, _ in
            let reasons = [log.reasonNotReady].compactMap { $0 } + (line?.reasonsNotReady ?? [])
            guard !reasons.isEmpty else { return Answer.text(.ok, "ready\n") }
            return Answer.text(.serviceUnavailable, reasons.joined(separator: "\n") + "\n")
        }
    }
}
