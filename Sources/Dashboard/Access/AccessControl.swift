/// What someone may do; each may what those before it may.
public enum Role: String, Sendable, Codable, CaseIterable, Comparable {
    /// Look at everything.
    case viewer
    /// Change thresholds too.
    case `operator`

    public static func < (left: Role, right: Role) -> Bool { left == .viewer && right == .operator }
}

/// Who holds a token.
public struct TokenHolder: Sendable, Equatable {
    public let name: String
    public let role: Role

    public init(name: String, role: Role) {
        self.name = name
        self.role = role
    }
}

/// Who may come in: asked with each request, so that a token that was revoked is of no use from then on.
public protocol AccessControl: Sendable {
    /// Whose token this is; nil for anything else.
    func holder(of token: String) -> TokenHolder?
}

/// Who asks.
struct Caller: Sendable {
    /// What they may do; nil for nothing.
    var role: Role?
    /// For records: a token's name, or `local`.
    var name: String
    /// Whether they are known by a cookie: a browser sends it along with whatever page asks.
    var isByCookie = false
}
