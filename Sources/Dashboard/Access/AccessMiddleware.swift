import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Threads

/// Says of each request who makes it, and lets through what they may do.
///
/// On loopback, by one of its own names and not through a proxy, looking is free; everything else needs a token, in
/// `Authorization: Bearer` or in the cookie that the login page sets. Changing anything needs an operator's.
struct AccessMiddleware: RouterMiddleware {
    let configuration: DashboardServer.Configuration
    let control: (any AccessControl)?
    let tries: WrongTries

    /// Needed by whoever has no token yet.
    private static let open: Set<String> = ["/healthz", "/readyz", "/login", "/api/login", "/api/logout"]
    private static let openPrefix = "/assets/"

    func handle(
        _ request: Request, context: DashboardContext, next: (Request, DashboardContext) async throws -> Response
    ) async throws -> Response {
        let origin = RequestOrigin(request)
        if let refusal = refuseHost(origin) { return refusal }
        let path = request.uri.path
        let isChange = request.method != .get && request.method != .head
        let isOpen = Self.open.contains(path) || path.hasPrefix(Self.openPrefix)
        guard isChange || !isOpen else { return try await next(request, context) }
        var context = context
        switch identify(request, context, origin, isOpen: isOpen) {
        case .caller(let caller): context.caller = caller
        case .refused(let response): return response
        }
        // A browser says with every change which page asks for it; programs, which have no cookie, need not.
        let isOurs = context.caller.isByCookie ? origin.isFromOwnPage : !origin.isFromOtherPage
        guard !isChange || isOurs else {
            return Answer.text(
                .forbidden,
                "the request comes from another page: what changes something is taken from our own pages alone\n")
        }
        guard !isOpen else { return try await next(request, context) }
        let needed = isChange ? Role.operator : .viewer
        if let role = context.caller.role, role >= needed { return try await next(request, context) }
        return refuse(request, context.caller, needed)
    }

    /// A name that is not ours leads here when another page's name was pointed at this machine.
    private func refuseHost(_ origin: RequestOrigin) -> Response? {
        guard configuration.isLocal else { return nil }
        let isKnown = origin.isLoopbackName || configuration.hostNames.contains(origin.host ?? "")
        guard !isKnown else { return nil }
        return Answer.text(
            .misdirectedRequest,
            "expected the name of this machine (localhost, 127.0.0.1) in Host, found \(VerdictQuery.shown(origin.host ?? "")); "
                + "behind a proxy, name it with --http-name\n")
    }

    private enum Identity {
        case caller(Caller)
        case refused(Response)
    }

    private func identify(
        _ request: Request, _ context: DashboardContext, _ origin: RequestOrigin, isOpen: Bool
    ) -> Identity {
        // Where a proxy is named, what it passes on cannot be told from this machine's own.
        let isLocal =
            configuration.isLocal && configuration.hostNames.isEmpty && origin.isLoopbackName && !origin.isForwarded
        let nobody = Caller(role: isLocal ? .viewer : nil, name: isLocal ? "local" : "")
        let bearer = request.headers[.authorization].flatMap(Self.bearer)
        guard let token = bearer ?? request.cookies[SessionCookie.name]?.value else { return .caller(nobody) }
        // One that is right is never refused, whoever tried before from the same address: behind a proxy that is everybody's.
        if let holder = control?.holder(of: token) {
            return .caller(Caller(role: holder.role, name: holder.name, isByCookie: bearer == nil))
        }
        let wait = tries.noteWrong(token, from: context.sender(of: request))
        // A cookie that grew old does not keep anybody from logging in anew.
        if isOpen { return .caller(nobody) }
        if let wait { return .refused(Answer.tooManyTries(wait)) }
        // It leads to the login page, or to what is free.
        guard bearer != nil else { return .caller(nobody) }
        return .refused(
            Answer.text(.unauthorized, "the token is not known: it was revoked, or is not of this monitor\n"))
    }

    private func refuse(_ request: Request, _ caller: Caller, _ needed: Role) -> Response {
        let wantsPage = request.headers[.accept]?.contains("text/html") ?? false
        if caller.role == nil {
            if wantsPage && request.method == .get {
                return Response(status: .seeOther, headers: [.location: "/login", .cacheControl: "no-store"])
            }
            return Answer.text(
                .unauthorized,
                "a token is needed: `scanward tokens create NAME --role viewer` makes one; send it as "
                    + "Authorization: Bearer TOKEN, or log in at /login\n")
        }
        return Answer.text(
            .forbidden,
            "\(caller.name == "local" ? "this" : caller.name) may look; to change something, log in with "
                + "the token of an operator\n")
    }

    static func bearer(_ header: String) -> String? {
        let words = header.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }
}

/// Wrong tokens, by who sent them.
final class WrongTries: Sendable {
    private let limiter = Mutex(TryLimiter())
    private let clock: any MonotonicClock

    init(clock: any MonotonicClock = SystemClock()) { self.clock = clock }

    /// Takes note of a wrong token.
    ///
    /// - Returns: seconds until the next may be tried, where there were too many before.
    func noteWrong(_ token: String, from sender: ClientAddress) -> Int? {
        limiter.withLock { limiter in
            if let seconds = limiter.wait(for: sender.text, at: clock.now) { return seconds }
            limiter.noteWrong(token, from: sender.text, at: clock.now)
            return nil
        }
    }
}
