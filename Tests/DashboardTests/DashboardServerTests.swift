import Synchronization
import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(30))) struct DashboardServerTests {
    private func serving(
        _ log: MemoryLog, configure: (inout DashboardServer.Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (_ port: Int) async throws -> Void
    ) async throws { try await DashboardTests.serving(DashboardSources(log: log), configure: configure, body) }

    @Test func readinessIsTheJournals() async throws {
        let log = MemoryLog(head: 1)
        try await serving(log) { port in
            #expect(try await HTTPConnection.get("/readyz", port: port).status == 200)
            log.state.withLock { $0.reason = "the disk is full" }
            let answer = try await HTTPConnection.get("/readyz", port: port)
            #expect(answer.status == 503 && answer.text.hasSuffix("the disk is full\n"))
            #expect(try await HTTPConnection.get("/healthz", port: port).status == 200)
        }
    }

    @Test func aFollowerGoesOnAfterWhatItHadLast() async throws {
        try await serving(MemoryLog(head: 9)) { port in
            let follower = try HTTPConnection(port: port)
            follower.request(
                "/api/verdicts?from=1", headers: ["Accept: text/event-stream", "Last-Event-ID: 7"])
            let text = try await follower.read(until: "id: 9\n")
            #expect(text.contains("id: 8\n") && !text.contains("id: 7\n"))
        }
    }

    @Test(arguments: ["18446744073709551615", "9223372036854775807", "18446744073709551616", "-1", "x", ""])
    func aLastEventThatIsNoVerdictIsRefused(id: String) async throws {
        try await serving(MemoryLog(head: 9)) { port in
            let answer = try await HTTPConnection.get(
                "/api/verdicts", port: port, headers: ["Accept: text/event-stream", "Last-Event-ID: \(id)"])
            #expect(answer.status == 400 && answer.text.contains("Last-Event-ID: expected the number of a verdict"))
            #expect(try await HTTPConnection.get("/healthz", port: port).status == 200)
        }
    }

    @Test func thereAreOnlySoManyFollowers() async throws {
        try await serving(
            MemoryLog(head: 1),
            configure: {
                $0.maximumFollowers = 1
                $0.keepAlive = .milliseconds(50)
            }
        ) { port in
            let headers = ["Accept: text/event-stream"]
            do {
                let follower = try HTTPConnection(port: port)
                follower.request("/api/verdicts", headers: headers)
                _ = try await follower.read(until: "id: 1\n")
                let answer = try await HTTPConnection.get("/api/verdicts", port: port, headers: headers)
                #expect(answer.status == 503 && answer.text.contains("there are 1 followers"))
                // Whoever does not follow is served.
                #expect(try await HTTPConnection.get("/api/verdicts", port: port).status == 200)
            }
            // It has gone: the server sees that when it writes to it.
            var status = 503
            while status == 503 {
                let next = try HTTPConnection(port: port)
                next.request("/api/verdicts", headers: headers)
                status = try await next.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 503") ? 503 : 200
            }
        }
    }

    @Test func aSeatIsFreeAgainWhenItsResponseIsGone() {
        let seats = FollowerSeats(2)
        var held = [seats.take(), seats.take()]
        #expect(held.allSatisfy { $0 != nil })
        #expect(seats.take() == nil && seats.take() == nil)
        // A response whose body never ran.
        held.removeLast()
        let another = seats.take()
        #expect(another != nil && seats.take() == nil)
        withExtendedLifetime((held, another)) {}
    }

    @Test func aClientThatDoesNotReadIsDropped() async throws {
        // 1 GB, more than sockets hold.
        let log = MemoryLog(head: 10_000, size: 100_000)
        try await serving(
            log,
            configure: {
                $0.maximumFollowers = 1
                $0.writeTimeout = .milliseconds(300)
            }
        ) { port in
            let headers = ["Accept: text/event-stream"]
            let stalled = try HTTPConnection(port: port)
            stalled.request("/api/verdicts", headers: headers)
            _ = try await stalled.read(until: "\r\n\r\n")
            // Its seat is free once it is gone.
            var status = ""
            while !status.hasPrefix("HTTP/1.1 200") {
                let next = try HTTPConnection(port: port)
                next.request("/api/verdicts?limit=1", headers: headers)
                status = try await next.read(until: "\r\n\r\n")
            }
            withExtendedLifetime(stalled) {}
        }
    }

    @Test func aShutdownWaitsForNobody() async throws {
        let log = MemoryLog(head: 10_000, size: 100_000)
        let held = Mutex<[HTTPConnection]>([])
        try await serving(log, configure: { $0.writeTimeout = .seconds(3600) }) { port in
            let follower = try HTTPConnection(port: port), stalled = try HTTPConnection(port: port)
            follower.request("/api/verdicts?from=10001", headers: ["Accept: text/event-stream"])
            _ = try await follower.read(until: ": verdicts from 10001 on")
            stalled.request("/api/verdicts")
            _ = try await stalled.read(until: "\r\n\r\n")
            held.withLock { $0 = [follower, stalled] }
        }
        // A follower's stream ends as a stream does; lines that are missing do not look like the end of all.
        let (follower, stalled) = held.withLock { ($0[0], $0[1]) }
        #expect(try await follower.read().hasSuffix("0\r\n\r\n"))
        let rest = try? await stalled.read()
        #expect(rest?.hasSuffix("0\r\n\r\n") != true)
    }

    /// What the kernel does not hold at the end is not cut off with the connection.
    @Test func aFollowerThatIsBehindHasItsStreamToTheEnd() async throws {
        let size = 5_000_000, log = MemoryLog(head: 1, size: size)
        let reading = Mutex<Task<String, any Error>?>(nil)
        try await serving(log, configure: { $0.lastWriteTimeout = .seconds(3600) }) { port in
            let follower = try HTTPConnection(port: port)
            follower.request("/api/verdicts", headers: ["Accept: text/event-stream"])
            let beginning = try await follower.read(until: "\r\n\r\n")
            reading.withLock { $0 = Task { beginning + (try await follower.read()) } }
        }
        let text = try await #require(reading.withLock { $0 }).value
        #expect(text.utf8.count > size && text.hasSuffix("\r\n0\r\n\r\n"))
    }

    /// The line ends before its server, which looks for verdicts once more.
    @Test func aFollowersStreamEndsWithTheJournal() async throws {
        let log = MemoryLog(head: 3)
        try await serving(log) { port in
            let follower = try HTTPConnection(port: port)
            follower.request("/api/verdicts", headers: ["Accept: text/event-stream", "Connection: close"])
            _ = try await follower.read(until: "id: 3\n")
            log.state.withLock { $0.isClosed = true }
            #expect(try await follower.read().hasSuffix("0\r\n\r\n"))
            // Lines that are missing do not look like the end of all.
            let lines = try await HTTPConnection.get("/api/verdicts", port: port)
            #expect(!lines.text.hasSuffix("0\r\n\r\n"))
        }
    }
}
