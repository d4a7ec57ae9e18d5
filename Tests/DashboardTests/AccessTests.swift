import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(30))) struct AccessTests {
    private func sources(_ models: MemoryModels = MemoryModels()) -> DashboardSources {
        var sources = DashboardSources(log: MemoryLog(head: 3))
        sources.models = models
        sources.access = MemoryTokens()
        return sources
    }

    private static let operatorToken = "Authorization: Bearer change"
    private static let change = #"{"value": 2, "reason": "test"}"#
    private static let path = "/api/models/m1/threshold"

    @Test func onThisMachineLookingIsFreeAndChangingIsNot() async throws {
        let models = MemoryModels()
        try await serving(sources(models)) { port in
            #expect(try await HTTPConnection.get("/api/verdicts", port: port).status == 200)
            #expect(try await HTTPConnection.get(Self.path, port: port, post: Self.change).status == 403)
            let viewer = try await HTTPConnection.get(
                Self.path, port: port, headers: ["Authorization: Bearer look"], post: Self.change)
            #expect(viewer.status == 403 && viewer.text.contains("vera may look"))
            let done = try await HTTPConnection.get(
                Self.path, port: port, headers: [Self.operatorToken], post: Self.change)
            #expect(done.status == 200 && done.text.hasSuffix(#"{"id":"m2"}"#))
        }
        let changes = models.changes.withLock { $0 }
        #expect(changes.map(\.1) == ["otto"] && changes.first?.0 == ThresholdRequest(value: 2, reason: "test"))
    }

    @Test(arguments: [
        (#"{"value": 0}"#, 400), (#"{"value": 0.5}"#, 409), (#"{"value": 0.5, "force": true}"#, 200),
        (#"{"value": "2"}"#, 400), ("", 400), (#"{"value": 1e999}"#, 400), (#"{"value": 77}"#, 409),
        (#"{"value": 88}"#, 504),
    ])
    func aThresholdIsRefusedWithItsReason(body: String, status: Int) async throws {
        try await serving(sources()) { port in
            let answer = try await HTTPConnection.get(
                Self.path, port: port, headers: [Self.operatorToken], post: body)
            #expect(answer.status == status, "\(answer.text)")
            let other = try await HTTPConnection.get(
                "/api/models/m9/threshold", port: port, headers: [Self.operatorToken], post: Self.change)
            #expect(other.status == 404)
        }
    }

    /// DNS rebinding: another page's name that was pointed at this machine.
    @Test(arguments: ["evil.example", "evil.example:8088", "127.0.0.1.evil.example", "localhost.evil", "[::2]"])
    func anotherNameIsNotOurs(host: String) async throws {
        try await serving(sources()) { port in
            let answer = try await HTTPConnection.get("/api/verdicts", port: port, host: host)
            #expect(answer.status == 421 && answer.text.contains("expected the name of this machine"))
            for own in ["localhost", "127.0.0.1:8088", "[::1]:8088", "LOCALHOST:1"] {
                #expect(try await HTTPConnection.get("/api/verdicts", port: port, host: own).status == 200)
            }
        }
    }

    @Test func whoeverComesByAProxyNeedsAToken() async throws {
        try await serving(sources(), configure: { $0.hostNames = ["line.example"] }) { port in
            let named = try await HTTPConnection.get("/api/verdicts", port: port, host: "line.example")
            #expect(named.status == 401 && named.text.contains("a token is needed"))
            let forwarded = try await HTTPConnection.get(
                "/api/verdicts", port: port, headers: ["X-Forwarded-For: 10.0.0.1"])
            #expect(forwarded.status == 401)
            let page = try await HTTPConnection.get(
                "/", port: port, headers: ["Accept: text/html"], host: "line.example")
            #expect(page.status == 303 && page.text.lowercased().contains("location: /login"))
            let known = try await HTTPConnection.get(
                "/api/verdicts", port: port, headers: ["Authorization: Bearer look"], host: "line.example")
            #expect(known.status == 200)
            for open in ["/healthz", "/login", "/assets/style.css"] {
                #expect(try await HTTPConnection.get(open, port: port, host: "line.example").status == 200)
            }
        }
    }

    @Test func offThisMachineEverythingNeedsAToken() async throws {
        try await serving(sources(), configure: { $0.host = "0.0.0.0" }) { port in
            for path in ["/api/verdicts", "/api/models", "/api/session", "/"] {
                #expect(try await HTTPConnection.get(path, port: port).status == 401, "\(path)")
                let known = try await HTTPConnection.get(path, port: port, headers: ["Authorization: Bearer look"])
                #expect(known.status == 200)
            }
            #expect(try await HTTPConnection.get("/healthz", port: port).status == 200)
        }
    }

    /// Cross-site request forgery: a page from elsewhere sends a form or a script's request, and the browser the cookie.
    @Test func anotherPageCannotUseTheCookie() async throws {
        try await serving(sources()) { port async throws in
            let cookie = "Cookie: scanward_token=change"
            func post(_ headers: [String]) async throws -> Int {
                try await HTTPConnection.get(Self.path, port: port, headers: headers, post: Self.change).status
            }
            #expect(try await post([cookie, "Origin: http://localhost"]) == 200)
            #expect(try await post([cookie]) == 403)
            #expect(try await post([cookie, "Origin: http://evil.example"]) == 403)
            #expect(try await post([cookie, "Origin: null"]) == 403)
            #expect(try await post([cookie, "Origin: http://localhost", "Sec-Fetch-Site: cross-site"]) == 403)
            #expect(try await post([Self.operatorToken, "Origin: http://evil.example"]) == 403)
        }
    }

    @Test func loggingInSetsACookieThatScriptsDoNotSee() async throws {
        try await serving(sources()) { port in
            let answer = try await HTTPConnection.get("/api/login", port: port, post: "token=change")
            #expect(answer.status == 303)
            let cookie = try #require(
                answer.text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("set-cookie:") })
            #expect(cookie.contains("scanward_token=change") && cookie.contains("HttpOnly"))
            #expect(cookie.contains("SameSite=Strict"))
            let wrong = try await HTTPConnection.get("/api/login", port: port, post: "token=no")
            #expect(wrong.status == 303 && wrong.text.contains("/login?wrong=1"))
            #expect(!wrong.text.lowercased().contains("set-cookie"))
            let other = try await HTTPConnection.get(
                "/api/login", port: port, headers: ["Origin: http://evil.example"], post: "token=change")
            #expect(other.status == 403)
        }
    }

    @Test func wrongTokensAreTriedOnlySoOften() async throws {
        try await serving(sources()) { port async throws in
            func get(_ token: String) async throws -> (status: Int, text: String) {
                try await HTTPConnection.get(
                    "/api/verdicts", port: port, headers: ["Authorization: Bearer \(token)"])
            }
            // The same one again is no other try.
            for number in [Int](repeating: 0, count: 20) + Array(0..<TryLimiter.perAddress) {
                #expect(try await get("guess\(number)").status == 401)
            }
            let answer = try await get("guess")
            #expect(answer.status == 429 && answer.text.lowercased().contains("retry-after: "))
            #expect(try await HTTPConnection.get("/api/login", port: port, post: "token=no").status == 429)
            // Whoever shows none is served as before, and whoever shows one that is right.
            #expect(try await HTTPConnection.get("/api/verdicts", port: port).status == 200)
            #expect(try await get("look").status == 200)
            let login = try await HTTPConnection.get("/api/login", port: port, post: "token=change")
            #expect(login.status == 303 && login.text.contains("scanward_token=change"))
        }
    }

    @Test func wrongCookiesCountToo() async throws {
        try await serving(sources(), configure: { $0.hostNames = ["line.example"] }) { port async throws in
            func get(_ path: String, _ token: String, post: String? = nil) async throws -> Int {
                try await HTTPConnection.get(
                    path, port: port, headers: ["Cookie: scanward_token=\(token)"], post: post
                ).status
            }
            for number in 0..<TryLimiter.perAddress {
                #expect(try await get("/api/session", "guess\(number)") == 401)
            }
            #expect(try await get("/api/session", "guess") == 429)
            // A browser with an old one comes to the login page, and in; one with a good one is in.
            for path in ["/login", "/assets/style.css"] { #expect(try await get(path, "guess") == 200) }
            #expect(try await get("/api/login", "guess", post: "token=look") == 303)
            #expect(try await get("/api/session", "look") == 200)
        }
    }

    /// Behind a proxy all come from this machine: whom it names last counts, not what the client wrote before.
    @Test func behindAProxyEachIsCountedForItself() async throws {
        try await serving(sources(), configure: { $0.hostNames = ["line.example"] }) { port async throws in
            func get(_ token: String, _ forwarded: String) async throws -> Int {
                try await HTTPConnection.get(
                    "/api/verdicts", port: port,
                    headers: ["Authorization: Bearer \(token)", "X-Forwarded-For: \(forwarded)"], host: "line.example"
                ).status
            }
            for number in 0..<TryLimiter.perAddress {
                #expect(try await get("guess\(number)", "10.9.9.\(number), 10.0.0.1") == 401)
            }
            #expect(try await get("guess", "10.0.0.1") == 429)
            #expect(try await get("guess", "10.0.0.1, 10.0.0.2") == 401)
            #expect(try await get("look", "10.0.0.1") == 200)
        }
    }

    @Test(arguments: [
        ("10.0.0.7", "10.0.0.7", false), ("10.0.0.7:5123", "10.0.0.7", false), ("127.8.0.1", "127.8.0.1", true),
        ("::1", "0:0:0:0::/64", true), ("::ffff:127.0.0.1", "127.0.0.1", true),
        ("2001:db8:0:1:aaaa:bbbb:cccc:dddd", "2001:db8:0:1::/64", false),
        ("[2001:db8:0:1::2]:443", "2001:db8:0:1::/64", false), ("unknown", "(unknown)", false),
        ("", "(unknown)", false), ("_hidden, x", "(unknown)", false),
    ])
    func anAddressIsAMachines(address: String, text: String, isLoopback: Bool) {
        let client = ClientAddress(address)
        #expect(client.text == text && client.isLoopback == isLoopback)
    }

    @Test func aWindowLater() {
        var limiter = TryLimiter()
        for number in 0..<TryLimiter.perAddress { limiter.noteWrong("t\(number)", from: "a", at: UInt64(number) + 1) }
        #expect(limiter.wait(for: "a", at: 10) == 60 && limiter.wait(for: "b", at: 10) == nil)
        #expect(limiter.wait(for: "a", at: TryLimiter.window + 1) == nil)
        // Many addresses together.
        for number in 0..<TryLimiter.ofAll {
            limiter.noteWrong("t\(number)", from: "\(number)", at: TryLimiter.window + 2)
        }
        #expect(limiter.wait(for: "new", at: TryLimiter.window + 3) != nil)
    }
}
