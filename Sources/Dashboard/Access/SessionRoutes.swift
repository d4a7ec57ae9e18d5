import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The cookie that a browser keeps a token in: out of reach of scripts, and not sent along by other sites.
///
/// It holds the token itself: that is 256 random bits, which the monitor knows by their hash and asks for anew with each
/// request, as it would a session's number; and a tablet at the line stays logged in when the monitor is restarted.
enum SessionCookie {
    static let name = "scanward_token"

    static func set(_ token: String, isSecure: Bool) -> String {
        "\(name)=\(token); Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
    }

    static let clear = "\(name)=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
}

/// Logging in and out, and who one is.
struct SessionRoutes {
    let control: (any AccessControl)?
    let tries: WrongTries

    func add(to router: Router<DashboardContext>) {
        router.get("/api/session") { _, context in
            let session = Session(
                role: context.caller.role, name: context.caller.name, isByCookie: context.caller.isByCookie,
                canLogIn: control != nil)
            return try Answer.json(session)
        }
        router.post("/api/login") { request, context in try await logIn(request, context) }
        router.post("/api/logout") { _, _ in Self.seeOther("/", cookie: SessionCookie.clear) }
    }

    private struct Session: Encodable {
        let role: Role?
        let name: String
        let isByCookie: Bool
        /// Whether there are tokens at all.
        let canLogIn: Bool

        enum CodingKeys: String, CodingKey {
            case role, name
            case isByCookie = "by_cookie"
            case canLogIn = "can_log_in"
        }
    }

    private func logIn(_ request: Request, _ context: DashboardContext) async throws -> Response {
        var request = request
        let buffer = try await request.collectBody(upTo: 4096)
        let form = FormFields(String(buffer: buffer))
        let token = form["token"]?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard control?.holder(of: token) != nil else {
            if let seconds = tries.noteWrong(token, from: context.sender(of: request)) {
                return Answer.tooManyTries(seconds)
            }
            return Self.seeOther("/login?wrong=1", cookie: nil)
        }
        let isSecure = HTTPField.Name("X-Forwarded-Proto").flatMap { request.headers[$0] } == "https"
        return Self.seeOther("/", cookie: SessionCookie.set(token, isSecure: isSecure))
    }

    private static func seeOther(_ path: String, cookie: String?) -> Response {
        var headers: HTTPFields = [.location: path, .cacheControl: "no-store"]
        headers[.setCookie] = cookie
        return Response(status: .seeOther, headers: headers)
    }
}

/// Fields of a form, `application/x-www-form-urlencoded`; of a name that comes twice the first.
struct FormFields {
    private var fields: [String: String] = [:]

    init(_ text: String) {
        for pair in text.split(separator: "&") {
            let words = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = words.first.flatMap(Self.decoded) else { continue }
            let value = words.count > 1 ? Self.decoded(words[1]) : ""
            if fields[name] == nil { fields[name] = value }
        }
    }

    subscript(_ name: String) -> String? { fields[name] }

    private static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }
}
