/// What an endpoint's text says, as far as its safety is concerned. libzmq itself parses the rest.
package enum Endpoint {
    static let expectation =
        "an endpoint is tcp://ADDRESS:PORT (ADDRESS an IPv4 address, an IPv6 one in [ ], an interface or *; "
        + "PORT 0 to 65535, where 0 takes a free one) or ipc://PATH"

    /// Whether only processes of this machine can reach a socket that is bound to `endpoint`.
    ///
    /// Names are not looked up: what a name means may change, so only addresses and `lo` are known to be local.
    package static func isLocal(_ endpoint: String) -> Bool {
        if endpoint.hasPrefix("ipc://") || endpoint.hasPrefix("inproc://") { return true }
        guard let host = tcpHost(endpoint) else { return false }
        if host == "lo" || host == "[::1]" || host == "::1" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }

    /// Whether libzmq needs its IPv6 option for `endpoint`.
    static func isIPv6(_ endpoint: String) -> Bool { tcpHost(endpoint)?.hasPrefix("[") ?? false }

    /// Checks what libzmq would say only EINVAL to, or take for something else: port 70000 for 4464.
    static func check(_ endpoint: String) throws(ZeroMQError) {
        let transports = ["tcp://", "ipc://", "inproc://"]
        let known = transports.contains { endpoint.hasPrefix($0) && endpoint.utf8.count > $0.utf8.count }
        let hasPort = tcpHost(endpoint).map { UInt16(endpoint[$0.endIndex...].dropFirst()) != nil }
        guard known, hasPort ?? !endpoint.hasPrefix("tcp://"), !endpoint.utf8.contains(0), endpoint.utf8.count < 4096
        else {
            throw ZeroMQError(code: .invalidEndpoint, message: "\"\(endpoint)\" is no endpoint: \(expectation)")
        }
    }

    /// Whether `check` accepts it.
    package static func isEndpoint(_ text: String) -> Bool { (try? check(text)) != nil }

    private static func tcpHost(_ endpoint: String) -> Substring? {
        guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":") else { return nil }
        let start = endpoint.index(endpoint.startIndex, offsetBy: 6)
        return start <= colon ? endpoint[start..<colon] : nil
    }
}
