import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Responses as all routes give them.
enum Answer {
    static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        bytes([UInt8](text.utf8), type: "text/plain; charset=utf-8", status: status)
    }

    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return json([UInt8](try encoder.encode(value)), status: status)
    }

    static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        self.bytes(bytes, type: "application/json", status: status)
    }

    static func bytes(
        _ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok, cache: String = "no-store",
        fileName: String? = nil
    ) -> Response {
        var headers: HTTPFields = [.contentType: type, .cacheControl: cache]
        if let fileName { headers[.contentDisposition] = "attachment; filename=\"\(fileName)\"" }
        // In pieces, each of which waits for the client: see `StalledClientHandler`.
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: bytes.count) { writer in
                var buffer = ByteBuffer(bytes: bytes)
                while let piece = buffer.readSlice(length: min(32 << 10, buffer.readableBytes)), piece.readableBytes > 0
                {
                    try await writer.write(piece)
                }
                try await writer.finish(nil)
            })
    }

    static func tooManyTries(_ seconds: Int) -> Response {
        var response = text(.tooManyRequests, "too many wrong tokens: try again in \(seconds) s\n")
        response.headers[.retryAfter] = String(seconds)
        return response
    }

    static func notFound(_ sentence: String) -> Response { text(.notFound, sentence + "\n") }
}

/// Headers that every response carries: nothing from elsewhere is loaded, run or framed.
struct SecurityHeaders: RouterMiddleware {
    let failures: FailureLog

    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:",
        "connect-src 'self'",
        "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    func handle(
        _ request: Request, context: DashboardContext, next: (Request, DashboardContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        } catch let error as CancellationError {
            throw error
        } catch {
            // What the disk or the journal said, for whoever asked, and for whoever looks after the monitor.
            failures.note(request.method, request.uri.path, error)
            response = Answer.text(.internalServerError, "\(error)\n")
        }
        response.headers[.contentSecurityPolicy] = Self.policy
        response.headers[.xContentTypeOptions] = "nosniff"
        // With no-referrer a browser says "Origin: null" with our own forms too, and nobody could log in.
        if let name = HTTPField.Name("Referrer-Policy") { response.headers[name] = "same-origin" }
        return response
    }
}
