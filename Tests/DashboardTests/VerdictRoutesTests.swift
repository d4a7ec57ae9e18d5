import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(30))) struct VerdictRoutesTests {
    @Test func newestFirst() async throws {
        try await serving(DashboardSources(log: MemoryLog(head: 250))) { port in
            let all = try await HTTPConnection.get("/api/verdicts?order=newest", port: port)
            let numbers = all.text.matches(of: #/\{"seq":(\d+)/#).compactMap { UInt64($0.1) }
            #expect(numbers == (1...250).reversed().map { $0 })
            let some = try await HTTPConnection.get("/api/verdicts?below=100&limit=2", port: port)
            #expect(some.text.matches(of: #/\{"seq":(\d+)/#).compactMap { UInt64($0.1) } == [99, 98])
        }
    }

    /// What a spreadsheet would run, or a comma would split.
    @Test func aTableIsSafeToOpen() async throws {
        try await serving(DashboardSources(log: MemoryLog(head: 1))) { port in
            let answer = try await HTTPConnection.get("/api/verdicts?format=csv&download=1", port: port)
            #expect(answer.text.lowercased().contains("content-disposition: attachment; filename=\"verdicts.csv\""))
            #expect(answer.text.contains("seq,decided,line,station,source,session,part_id,"))
            #expect(
                answer.text.contains(
                    #"1,2026-11-28T14:52:00Z,l,s,"a,b",'=1+1,"<script>""",1,,ok,0.5,1.0,0,,,0123456789abcdef,12.5"#))
        }
    }

    @Test func aSummaryHasWhatAListShows() async throws {
        try await serving(DashboardSources(log: MemoryLog(head: 1))) { port in
            let answer = try await HTTPConnection.get("/api/verdicts?format=summary", port: port)
            #expect(answer.text.contains(#""part_id":"<script>\"""#) && !answer.text.contains("filler"))
        }
    }

    @Test(arguments: [
        "order=up", "format=xml", "since=yesterday", "until=2026-13-01T00:00:00Z", "since=2026-05-01T06:00:00.Z",
        "download=yes", "below=5&from=2",
        "part_id=", "source=" + String(repeating: "x", count: 257),
    ])
    func aQueryIsRefusedWithASentence(query: String) async throws {
        try await serving(DashboardSources(log: MemoryLog(head: 1))) { port in
            let answer = try await HTTPConnection.get("/api/verdicts?" + query, port: port)
            #expect(answer.status == 400 && answer.text.contains(query.split(separator: "=")[0].prefix(4)))
        }
    }

    @Test func filtersAreRead() throws {
        let query = try VerdictQuery([
            ("since", "2026-11-28T14:52:00Z"), ("until", "2026-11-28T14:52:00.250Z"), ("source", "a"), ("part_id", "b"),
            ("order", "newest"),
        ])
        #expect(query.since == 1_795_877_520_000_000_000 && query.until == 1_795_877_520_250_000_000)
        // To the nanosecond: a bound is in or out as it says.
        for (fraction, nanoseconds) in [
            ("123", 123_000_000), ("123456789", 123_456_789), ("999999999", 999_999_999), ("0000000019", 1),
        ] as [(String, UInt64)] {
            let exact = try VerdictQuery([("since", "2026-11-28T14:52:00.\(fraction)Z")])
            #expect(exact.since == 1_795_877_520_000_000_000 + nanoseconds)
        }
        #expect(query.source == "a" && query.partID == "b" && query.below == UInt64(Int64.max))
    }

    @Test(arguments: ["x", "../../etc/passwd", "%2e%2e%2f", "0123456789ABCDEF", "0123456789abcdeg"])
    func aResultIsAskedForByItsID(id: String) async throws {
        try await serving(DashboardSources(log: MemoryLog(head: 1))) { port in
            for path in ["", "/cloud", "/heatmap.ply"] {
                #expect(try await HTTPConnection.get("/api/parts/\(id)\(path)", port: port).status == 404)
            }
            let known = try await HTTPConnection.get("/api/parts/0123456789abcdef", port: port)
            #expect(known.status == 200 && known.text.hasSuffix(#","kept":null,"pending":false}"#))
        }
    }
}
