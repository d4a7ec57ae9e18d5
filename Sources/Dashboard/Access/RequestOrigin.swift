import HTTPTypes
import Hummingbird

/// Where a request says that it goes and comes from: what keeps other web pages out (DNS rebinding, CSRF).
struct RequestOrigin {
    /// The Host header without its port, lower case; nil without one.
    let host: String?
    /// Whether it names this machine.
    let isLoopbackName: Bool
    /// Whether it came through a proxy, which says so.
    let isForwarded: Bool
    private let authority: String?
    private let origin: String?
    private let site: String?

    init(_ request: Request) {
        authority = request.head.authority?.lowercased()
        host = authority.map(Self.withoutPort)
        isLoopbackName = host.map(Self.isLoopback) ?? false
        let headers = request.headers
        isForwarded = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via"]
            .contains { name in
                HTTPField.Name(name).map { headers[$0] != nil } ?? false
            }
        origin = headers[.origin]?.lowercased()
        site = HTTPField.Name("Sec-Fetch-Site").flatMap { headers[$0] }
    }

    /// Whether a page of this server made the request. One without an Origin was not made by another page's script or form:
    /// browsers send it with every request that changes something.
    var isFromOwnPage: Bool {
        if let site, site != "same-origin" && site != "none" { return false }
        guard let origin else { return false }
        return authority.map { origin == "http://\($0)" || origin == "https://\($0)" } ?? false
    }

    /// Whether anything says that another page made it.
    var isFromOtherPage: Bool {
        if origin != nil { return !isFromOwnPage }
        return site.map { $0 != "same-origin" && $0 != "none" } ?? false
    }

    static func withoutPort(_ authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.split(separator: ":", omittingEmptySubsequences: false).first ?? "")
    }

    static func isLoopback(_ host: String) -> Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 = numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
        return host == "localhost" || host == "::1" || isIPv4
    }
}
