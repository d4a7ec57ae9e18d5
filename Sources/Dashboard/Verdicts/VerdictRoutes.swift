import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// `/api/verdicts`: as lines, as a table, and live as server-sent events.
struct VerdictRoutes: Sendable {
    let log: any VerdictLog
    let seats: FollowerSeats
    let failures: FailureLog
    let configuration: DashboardServer.Configuration

    /// Verdicts read at once.
    private static let page = 100
    /// Bytes written at once.
    private static let piece = 32 << 10

    func add(to router: Router<DashboardContext>) {
        router.get("/api/verdicts") { request, _ in verdicts(request) }
    }

    private func verdicts(_ request: Request) -> Response {
        let parameters = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
        var query: VerdictQuery
        do throws(QueryRefusal) { query = try VerdictQuery(parameters) } catch {
            return Answer.text(.badRequest, error.sentence + "\n")
        }
        let isStream = request.headers[.accept]?.contains("text/event-stream") ?? false
        guard isStream else { return lines(query) }
        guard query.below == nil, query.format != .csv else {
            return Answer.text(.badRequest, "events come oldest first, as JSON\n")
        }
        // A client that comes again says what it had last.
        if let text = HTTPField.Name("Last-Event-ID").flatMap({ request.headers[$0] }) {
            guard let last = UInt64(text), last < UInt64(Int64.max) else {
                return Answer.text(
                    .badRequest, "Last-Event-ID: expected the number of a verdict, found \(VerdictQuery.shown(text))\n")
            }
            query.from = last + 1
        }
        guard let seat = seats.take() else { return seats.refusal }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-cache"],
            body: ResponseBody { [query] writer in
                defer { withExtendedLifetime(seat) {} }
                try await follow(query, &writer)
            })
    }

    private func lines(_ query: VerdictQuery) -> Response {
        let (type, suffix) =
            query.format == .csv ? ("text/csv; charset=utf-8", "csv") : ("application/x-ndjson", "jsonl")
        var headers: HTTPFields = [.contentType: type]
        if query.isDownload { headers[.contentDisposition] = "attachment; filename=\"verdicts.\(suffix)\"" }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                if query.format == .csv {
                    try await writer.write(ByteBuffer(string: VerdictSummary.columns.joined(separator: ",") + "\r\n"))
                }
                let isComplete =
                    if let below = query.below {
                        try await sendNewest(query, below: below, to: &writer)
                    } else {
                        try await send(query, to: &writer, asEvents: false).isComplete
                    }
                // Without its end a client sees that lines are missing; after one it would take them for all.
                guard isComplete else { throw CancellationError() }
                try await writer.finish(nil)
            })
    }

    /// Sends what there is, page by page.
    ///
    /// - Returns: where to go on, how many were sent, and whether that was all: a shutdown ends it between two pages.
    func send(
        _ query: VerdictQuery, to writer: inout any ResponseBodyWriter, asEvents: Bool
    ) async throws -> (next: UInt64, sent: Int, isComplete: Bool) {
        var next = query.from, sent = 0
        while !Task.isCancelled && !Task.isShuttingDownGracefully {
            let room = min(Self.page, (query.limit ?? .max) - sent)
            guard room > 0 else { return (next, sent, true) }
            let page = try await read { [log, next] in try log.page(from: next, limit: room, query: query) }
            for verdict in page.verdicts { try await write(verdict, query, to: &writer, asEvent: asEvents) }
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

    private func sendNewest(
        _ query: VerdictQuery, below: UInt64, to writer: inout any ResponseBodyWriter
    ) async throws -> Bool {
        var place = below, sent = 0
        while !Task.isCancelled && !Task.isShuttingDownGracefully {
            let room = min(Self.page, (query.limit ?? .max) - sent)
            guard room > 0 else { return true }
            let page = try await read { [log, place] in try log.newest(below: place, limit: room, query: query) }
            for verdict in page.verdicts { try await write(verdict, query, to: &writer, asEvent: false) }
            sent += page.verdicts.count
            guard let next = page.next else { return true }
            guard next < place else { throw NoProgress(at: place) }
            place = next
            await Task.yield()
        }
        return false
    }

    /// Reads the journal. What fails within an answer is told here: its head is with the client already, who only sees that
    /// the end is missing.
    func read<Page: Sendable>(_ page: @escaping @Sendable () throws -> Page) async throws -> Page {
        do {
            return try await BlockingWork.run(page)
        } catch let closed as VerdictLogClosed {
            throw closed
        } catch {
            failures.note(.get, "/api/verdicts", error)
            throw error
        }
    }

    private func write(
        _ verdict: (seq: UInt64, json: [UInt8]), _ query: VerdictQuery, to writer: inout any ResponseBodyWriter,
        asEvent: Bool
    ) async throws {
        var buffer = ByteBuffer()
        if asEvent { buffer.writeString("id: \(verdict.seq)\nevent: verdict\ndata: ") }
        switch query.format {
        case .jsonl: buffer.writeBytes(verdict.json)
        case .summary: buffer.writeBytes(try Self.summary(verdict.json))
        case .csv:
            buffer.writeString(try JSONDecoder().decode(VerdictSummary.self, from: Data(verdict.json)).row)
        }
        buffer.writeString(asEvent ? "\n\n" : query.format == .csv ? "\r\n" : "\n")
        // In pieces, each of which waits for the client: a large verdict is no reason to take it for stalled.
        while let piece = buffer.readSlice(length: min(Self.piece, buffer.readableBytes)), piece.readableBytes > 0 {
            try await writer.write(piece)
        }
    }

    static func summary(_ json: [UInt8]) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(try JSONDecoder().decode(VerdictSummary.self, from: Data(json)))
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
            let next: UInt64, sent: Int
            do {
                (next, sent, _) = try await send(query, to: &writer, asEvents: true)
            } catch is VerdictLogClosed {
                // The line ends before its server does.
                break
            }
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
}

extension FollowerSeats {
    /// What those get who find no seat.
    var refusal: Response {
        Answer.text(.serviceUnavailable, "there are \(count) followers, the most there may be\n")
    }
}
