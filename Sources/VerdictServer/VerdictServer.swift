import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
public import ServiceLifecycle

/// Verdicts over HTTP: JSON lines, server-sent events, and whether the monitor lives and is ready.
///
///     GET /api/verdicts?from=&evaluation=&part_type=&limit=
///     GET /healthz, GET /readyz
///
/// A request reads the journal a page at a time, and the next page when the one before is with the client: one that
/// reads slowly costs one page of memory.
public final class VerdictServer: Service {
    /// Where it listens, and its limits.
    public struct Configuration: Sendable {
        /// A name or an address to listen at.
        public var host: String
        /// 0 takes a free one.
        public var port: Int
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

        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        /// Whether only this machine can reach it.
        public var isLocal: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
    }

    /// Verdicts read at once.
    private static let page = 100
    /// Bytes written at once.
    private static let piece = 32 << 10

    private let configuration: Configuration
    private let log: any VerdictLog
    private let seats: FollowerSeats
    private let didOpen: @Sendable (_ port: Int) -> Void

    /// - Parameter didOpen: is told the port once it listens.
    public init(
        configuration: Configuration, log: any VerdictLog, didOpen: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.log = log
        self.didOpen = didOpen
        seats = FollowerSeats(configuration.maximumFollowers)
    }

    /// Serves until a graceful shutdown.
    public func run() async throws {
        let router = Router()
        router.get("/healthz") { _, _ in Self.text(.ok, "ok\n") }
        router.get("/readyz") { [log] _, _ in
            if let reason = log.reasonNotReady {
                Self.text(.serviceUnavailable, reason + "\n")
            } else {
                Self.text(.ok, "ready\n")
            }
        }
        router.get("/api/verdicts") { [self] request, _ in verdicts(request) }
        let timeout = TimeAmount(configuration.writeTimeout)
        let application = Application(
            router: router,
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [StalledClientHandler(timeout: timeout)], idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: "scanward",
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections)),
            onServerRunning: { [didOpen] channel in didOpen(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "scanward.http") { _ in SwiftLogNoOpLogHandler() })
        try await application.run()
    }

    private func verdicts(_ request: Request) -> Response {
        let parameters = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
        var query: VerdictQuery
        do throws(QueryRefusal) { query = try VerdictQuery(parameters) } catch {
            return Self.text(.badRequest, error.sentence + "\n")
        }
        let isStream = request.headers[.accept]?.contains("text/event-stream") ?? false
        guard isStream else {
            return Response(
                status: .ok, headers: [.contentType: "application/x-ndjson"],
                body: ResponseBody { [self, query] writer in
                    let outcome = try await send(query, to: &writer, asEvents: false)
                    // Without its end a client sees that lines are missing; after one it would take them for all.
                    guard outcome.isComplete else { throw CancellationError() }
                    try await writer.finish(nil)
                })
        }
        // A client that comes again says what it had last.
        if let text = HTTPField.Name("Last-Event-ID").flatMap({ request.headers[$0] }) {
            guard let last = UInt64(text), last < UInt64(Int64.max) else {
                return Self.text(
                    .badRequest, "Last-Event-ID: expected the number of a verdict, found \(VerdictQuery.shown(text))\n")
            }
            query.from = last + 1
        }
        guard let seat = seats.take() else {
            return Self.text(.serviceUnavailable, "there are \(seats.count) followers, the most there may be\n")
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-cache"],
            body: ResponseBody { [self, query] writer in
                defer { withExtendedLifetime(seat) {} }
                try await follow(query, &writer)
            })
    }

    /// Sends what there is, page by page.
    ///
    /// - Returns: where to go on, how many were sent, and whether that was all: a shutdown ends it between two pages.
    private func send(
        _ query: VerdictQuery, to writer: inout any ResponseBodyWriter, asEvents: Bool
    ) async throws -> (next: UInt64, sent: Int, isComplete: Bool) {
        var next = query.from, sent = 0
        while !Task.isCancelled && !Task.isShuttingDownGracefully {
            let room = min(Self.page, (query.limit ?? .max) - sent)
            guard room > 0 else { return (next, sent, true) }
            let page = try log.page(from: next, limit: room, query: query)
            for verdict in page.verdicts {
                var buffer = ByteBuffer()
                if asEvents {
                    buffer.writeString("id: \(verdict.seq)\nevent: verdict\ndata: ")
                }
                buffer.writeBytes(verdict.json)
                buffer.writeString(asEvents ? "\n\n" : "\n")
                // In pieces, each of which waits for the client: a large verdict is no reason to take it for stalled.
                while let piece = buffer.readSlice(length: min(Self.piece, buffer.readableBytes)),
                    piece.readableBytes > 0
                { try await writer.write(piece) }
            }
            sent += page.verdicts.count
            let isAtEnd = page.next > page.head
            guard isAtEnd || page.next > next else { throw NoProgress(at: next) }
            next = max(next, page.next)
            if isAtEnd { return (next, sent, true) }
            // Pages of which a filter leaves nothing wait for nobody.
            await Task.yield()
        }
        return (next, sent, false)
    }

    /// A log that gives neither verdicts nor a place to go on.
    private struct NoProgress: Error { let at: UInt64 }

    /// Sends what there is and what comes, until the client or the monitor goes.
    private func follow(_ query: VerdictQuery, _ writer: inout any ResponseBodyWriter) async throws {
        var query = query
        let clock = ContinuousClock()
        var lastWrite = clock.now
        try await writer.write(ByteBuffer(string: ": verdicts from \(query.from) on\n\n"))
        while !Task.isCancelled && !Task.isShuttingDownGracefully {
            let (next, sent, _) = try await send(query, to: &writer, asEvents: true)
            query.from = next
            if let limit = query.limit {
                query.limit = limit - sent
                if limit <= sent { break }
            }
            if sent > 0 { lastWrite = clock.now }
            if clock.now - lastWrite >= configuration.keepAlive {
                try await writer.write(ByteBuffer(string: ": \(next)\n\n"))
                lastWrite = clock.now
            }
            try await Task.sleep(for: configuration.followInterval)
        }
        try await writer.finish(nil)
    }

    private static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
