import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// `/api/status`, and `/api/live`: the status each second and every verdict, as server-sent events.
struct LiveRoutes: Sendable {
    let line: any LineWatch
    let verdicts: VerdictRoutes

    /// Verdicts that a page gets when it opens.
    private static let recent: UInt64 = 50
    /// Between two statuses.
    private static let interval = Duration.seconds(1)

    func add(to router: Router<DashboardContext>) {
        router.get("/api/status") { _, _ in Answer.json(line.status()) }
        router.get("/api/live") { request, _ in live(request) }
        router.get("/metrics") { _, _ in
            Answer.bytes([UInt8](line.metrics().utf8), type: PrometheusText.contentType)
        }
    }

    private func live(_ request: Request) -> Response {
        guard let seat = verdicts.seats.take() else { return verdicts.seats.refusal }
        let last = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }.flatMap { UInt64($0) }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-cache"],
            body: ResponseBody { writer in
                defer { withExtendedLifetime(seat) {} }
                try await send(after: last, &writer)
            })
    }

    private func send(after last: UInt64?, _ writer: inout any ResponseBodyWriter) async throws {
        var query = VerdictQuery()
        query.format = .summary
        let head = try await verdicts.read { [log = verdicts.log, query] in
            try log.page(from: UInt64(Int64.max), limit: 1, query: query)
        }.head
        // A number of another journal is beyond the head.
        let begin = head >= Self.recent ? head - Self.recent + 1 : 1
        query.from = last.flatMap { $0 <= head ? max($0 + 1, begin) : nil } ?? begin
        let clock = ContinuousClock()
        var nextStatus = clock.now
        while !Task.isCancelled && !Task.isShuttingDownGracefully {
            query.from = try await verdicts.send(query, to: &writer, asEvents: true).next
            if clock.now >= nextStatus {
                var event = ByteBuffer(string: "event: status\ndata: ")
                event.writeBytes(line.status())
                event.writeString("\n\n")
                try await writer.write(event)
                nextStatus = clock.now + Self.interval
            }
            try await Task.sleep(for: verdicts.configuration.followInterval)
        }
        try await writer.finish(nil)
    }
}
