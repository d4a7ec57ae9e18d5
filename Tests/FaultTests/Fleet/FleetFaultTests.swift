import Fleet
import Foundation
import Inspection
import NATSTransport
import SeededRandom
import TestPrograms
import TestRequirements
import Testing
import Threads

/// Row 19: parts scored by a pool, whose processes, server and link go and come back (docs/scaling.md).
@Suite(
    .serialized, Faults.timeLimit,
    .enabled(Comment(rawValue: NATSServer.need)) { try Requirement.isMet(NATSServer.need, NATSServer.isInstalled) })
struct FleetFaultTests {
    /// The pool says what the line itself would have said, chunked or not.
    @Test func aPoolsVerdictIsThatOfTheLineItself() async throws {
        let fleet = try await FleetUnderFire("max_payload: 32768")
        let alone = try Program([
            "run", "--line", "a", "--model", fleet.model, "--bind", fleet.endpoint(of: "alone"), "--publish", "none",
            "--json", "--part-deadline", "60", "--state", fleet.state(of: "alone").path, "--http", "127.0.0.1:0",
            "--replay", "none",
        ])
        _ = try #require(await alone.line(beginning: "scored by "))
        let line = try await fleet.line("a", "--http", "127.0.0.1:0")
        let hub = try await fleet.hub()
        try fleet.startWorker()
        let feeds = [PartFeed(["p1"], to: fleet.endpoint(of: "alone")), PartFeed(["p1"], to: fleet.endpoint(of: "a"))]
        var expected = try await FleetUnderFire.verdict(1, of: alone)
        let found = try await FleetUnderFire.verdict(1, of: line)
        #expect(expected.score != nil && expected.evaluation != .undefined)
        #expect(found.seq == 1 && found.durationsMs.total > found.durationsMs.infer && found.durationsMs.infer > 0)
        // The same but for when it was, and where it is kept.
        (expected.epoch, expected.times, expected.durationsMs) = (found.epoch, found.times, found.durationsMs)
        #expect(found == expected)
        let collected = try await FleetUnderFire.verdict(1, of: hub)
        #expect(collected.line == "a" && collected.resultID == found.resultID && collected.epoch != found.epoch)
        await offTasks { feeds.forEach { $0.end() } }
        // What the dashboard shows of the part, too, and the surface that it was taught.
        let there = try await fleet.kept(by: "alone"), here = try await fleet.kept(by: "a")
        #expect(there.cloud == here.cloud && there.template == here.template && there.cloud.count > 1000)

        let status = try await Program.run(["fleet", "status", "--nats", fleet.server.url, "--json"])
        #expect(status.status == 0, "\(status.standardError)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(status.standardOutput.utf8)) as? [String: Any])
        let lines = report["lines"] as? [[String: Any]], workers = report["workers"] as? [[String: Any]]
        #expect(lines?.first?["name"] as? String == "a" && lines?.first?["waiting"] as? Int == 0)
        #expect(workers?.count == 1 && (report["streams"] as? [[String: Any]])?.count == FleetNames.all.count)

        for program in [line, hub] { await FleetUnderFire.end(program) }
        alone.terminate()
        _ = await alone.finish()
        await fleet.stopWorkers()
        // The server keeps nothing of a part that has its verdict.
        let rest = try await fleet.streams { streams in
            try [FleetNames.parts, FleetNames.chunks, FleetNames.answers, FleetNames.clouds].map {
                try streams.info($0).state.messages
            }
        }
        #expect(rest == [0, 0, 0, 0])
        #expect(try FileManager.default.contentsOfDirectory(atPath: fleet.state(of: "a").path + "/spool") == [])
    }

    /// What a line's dashboard shows of a part, the hub's does; of a line without one what failed.
    @Test func theHubShowsPartsOfAllLines() async throws {
        let fleet = try await FleetUnderFire("max_payload: 32768")
        let hub = try await fleet.hub(http: "127.0.0.1:0")
        try await fleet.wait { streams in
            try streams.consumers(of: FleetNames.clouds).contains { $0.name == FleetNames.hub }
        }
        let lines = [try await fleet.line("a", "--http", "127.0.0.1:0"), try await fleet.line("b")]
        // It has looked for the hub before it says that it is there.
        try await fleet.wait { try $0.last(of: FleetNames.owner(of: "b"), in: FleetNames.workers) != nil }
        try fleet.startWorker()
        let dented = PartFeed.mug.map { $0.z > 60 ? $0 + SIMD3(0, 0, 12) : $0 }
        let feeds = ["a", "b"].map { PartFeed(["p-\($0)"], to: fleet.endpoint(of: $0), points: dented) }
        var verdicts: [Verdict] = []
        for line in lines { verdicts.append(try await FleetUnderFire.verdict(1, of: line)) }
        #expect(verdicts.map(\.evaluation) == [.notOK, .notOK])
        let atHub = try await fleet.clouds(of: verdicts.map(\.resultID), by: "hub")
        let atLine = try await fleet.clouds(of: [verdicts[0].resultID], by: "a")
        #expect(atHub[0] == atLine[0] && atHub[1].count > 1000)
        await offTasks { feeds.forEach { $0.end() } }
        for program in lines + [hub] { await FleetUnderFire.end(program) }
        await fleet.stopWorkers()
    }

    /// Workers are killed at random, and the server and the hub once.
    @Test func eachPartHasOneVerdictWhoeverDies() async throws {
        let parts = Faults.length(9, full: 250), least = Faults.length(2, full: 10)
        let fleet = try await FleetUnderFire()
        var random = SplitMix64(seed: 7)
        // On a busy machine the long form takes longer than a part may.
        let lines = [
            try await fleet.line("a", "--pool-deadline", "7000"), try await fleet.line("b", "--pool-deadline", "7000"),
        ]
        let began = SystemClock().now
        var hub = try await fleet.hub()
        for _ in 0..<3 { try fleet.startWorker() }
        let names = ["a", "b"]
        let feeds = names.map { name in
            PartFeed((0..<parts).map { "\(name)\($0)" }, to: fleet.endpoint(of: name))
        }
        var kills = 0, isServerKilled = false
        while true {
            // Every few seconds; in the short form after the first verdict at once.
            _ = try await FleetUnderFire.verdict(1 + min(kills, 2), of: lines[0])
            let instant =
                SystemClock().now + Faults.length(0, full: 2_000_000_000) + random.next()
                % Faults.length(300_000_000, full: 3_000_000_000)
            await offTasks { _ = SystemClock().wait(until: instant, unless: StopSignal()) }
            let heads = [await fleet.head(of: "a"), await fleet.head(of: "b")]
            guard kills < least || heads.contains(where: { $0 < parts }) && Faults.isFull else { break }
            await fleet.kill(worker: Int(random.next() % 3))
            if kills == 0 {
                hub.signal(SIGKILL)
                _ = await hub.finish()
                hub = try await fleet.hub()
            }
            if !isServerKilled, kills > 0, heads[0] >= Faults.length(1, full: parts / 2) {
                isServerKilled = true
                await fleet.server.kill()
                try await fleet.server.start()
            }
            try fleet.startWorker()
            kills += 1
        }
        #expect(isServerKilled)
        for line in lines { _ = try await FleetUnderFire.verdict(parts, of: line) }
        #expect(await fleet.hubHolds(2 * parts))
        await offTasks { feeds.forEach { $0.end() } }
        for program in lines + [hub] { await FleetUnderFire.end(program) }
        await fleet.stopWorkers()

        let seconds = Faults.seconds(since: began)
        let collected = try fleet.journal(of: "hub")
        var undecided = 0
        for name in names {
            let verdicts = try fleet.journal(of: name)
            #expect(verdicts.count == parts && verdicts.map(\.seq) == (1...UInt64(parts)).map { $0 })
            #expect(Set(verdicts.map(\.partID)) == Set((0..<parts).map { "\(name)\($0)" }))
            // All are of one cloud: one that is ok where another is not would be false.
            let decided = verdicts.filter { $0.evaluation != .notDecidable }
            undecided += verdicts.count - decided.count
            #expect(Set(decided.map(\.evaluation)).count == 1 && Set(decided.map(\.score)).count == 1)
            let reasons = verdicts.filter { $0.evaluation == .notDecidable }.map { $0.reasons.map(\.code) }
            #expect(reasons.allSatisfy { $0 == ["pool_abandoned"] }, "\(Set(reasons))")
            let atHub = collected.filter { $0.line == name }
            #expect(Set(atHub.map(\.resultID)) == Set(verdicts.map(\.resultID)) && atHub.count == parts)
        }
        #expect(collected.count == 2 * parts)
        Faults.report(
            row: 19,
            "2 lines, 3 workers, \(2 * parts) parts in \(Faults.text(seconds)), \(kills) workers, the hub and the server killed: one "
                + "verdict each, \(undecided) given up after three workers")
    }

    /// A part of which three workers die is given to no fourth.
    @Test func aPartThatKillsIsSetAside() async throws {
        let fleet = try await FleetUnderFire()
        let line = try await fleet.line("a", "--lease", "0.3")
        let feed = PartFeed(["deadly"], to: fleet.endpoint(of: "a"))
        // Three that take it and are not heard of again.
        try await fleet.streams { streams in
            var taken = 0
            while taken < 3 {
                let consumers = try streams.consumers(of: FleetNames.parts)
                guard let consumer = consumers.first else { continue }
                guard
                    let delivery = try streams.next(consumer.name, of: FleetNames.parts, patience: .seconds(1))
                else { continue }
                let id = try PartMessage(whole: delivery.payload).ticket.resultID
                _ = try streams.publish(FleetNames.began(id, of: "a"), [], id: nil)
                taken += 1
            }
        }
        try fleet.startWorker()
        let verdict = try await FleetUnderFire.verdict(1, of: line)
        #expect(verdict.evaluation == .notDecidable && verdict.reasons.map(\.code) == ["pool_abandoned"])
        #expect(verdict.reasons[0].message.hasPrefix("3 workers"))
        // What comes after it is scored.
        let next = PartFeed(["harmless"], to: fleet.endpoint(of: "a"), session: "s2")
        #expect(try await FleetUnderFire.verdict(2, of: line).score != nil)
        await offTasks { [feed, next].forEach { $0.end() } }
        let dead = try await fleet.streams { streams in
            try streams.last(of: FleetNames.dead(of: "a"), in: FleetNames.dead)?.payload
        }
        #expect(try PartMessage(whole: try #require(dead)).ticket.partID == "deadly")
        let status = try await Program.run(["fleet", "status", "--nats", fleet.server.url])
        #expect(status.status == 6, "dead letters are to be looked at")
        await FleetUnderFire.end(line)
        await fleet.stopWorkers()
    }

    /// The server is away when parts come, and the line is killed meanwhile.
    @Test func whatWasSpooledIsScoredAfterARestart() async throws {
        let fleet = try await FleetUnderFire()
        await fleet.server.kill()
        let line = try await fleet.line("a")
        let ids = (0..<5).map { "p\($0)" }
        let feed = PartFeed(ids, to: fleet.endpoint(of: "a"))
        let spool = fleet.state(of: "a").path + "/spool"
        await offTasks {
            while (try? FileManager.default.contentsOfDirectory(atPath: spool))?.filter({ $0.hasSuffix(".part") }).count
                != 5
            {
                _ = SystemClock().wait(until: SystemClock().after(.milliseconds(20)), unless: StopSignal())
            }
        }
        line.signal(SIGKILL)
        _ = await line.finish()
        await offTasks { feed.end() }
        // One is torn, as by a power cut: it is not_decidable, and nothing else is.
        let torn = try #require(try FileManager.default.contentsOfDirectory(atPath: spool).sorted().first)
        let bytes = try Data(contentsOf: URL(filePath: spool + "/" + torn))
        try bytes.prefix(bytes.count / 2).write(to: URL(filePath: spool + "/" + torn))

        let again = try await fleet.line("a")
        try await fleet.server.start()
        try fleet.startWorker()
        _ = try await FleetUnderFire.verdict(5, of: again)
        await FleetUnderFire.end(again)
        await fleet.stopWorkers()
        let verdicts = try fleet.journal(of: "a")
        #expect(verdicts.count == 5 && Set(verdicts.map(\.partID)) == Set(ids))
        #expect(verdicts.count { $0.score != nil } == 4)
        #expect(verdicts.filter { $0.evaluation == .notDecidable }.map { $0.reasons[0].code } == ["interrupted"])
    }

    /// The link is cut without a word: a server that stands still answers nobody, and refuses nobody either.
    @Test func aCutLinkLosesNothing() async throws {
        let outage = Faults.length(3.0, full: 20.0), parts = Faults.length(5, full: 60)
        let fleet = try await FleetUnderFire()
        let line = try await fleet.line("a")
        for _ in 0..<2 { try fleet.startWorker() }
        let feed = PartFeed((0..<parts).map { "p\($0)" }, to: fleet.endpoint(of: "a"))
        _ = try await FleetUnderFire.verdict(2, of: line)
        fleet.server.pause()
        await pass(outage)
        fleet.server.goOn()
        try await eachIsScoredOnce(parts, of: fleet, line, feed)
        Faults.report(row: 19, "server silent for \(Faults.text(outage)): \(parts) parts, each with its verdict")
    }

    /// Lets the time of a fault pass, s.
    private func pass(_ seconds: Double) async {
        let instant = SystemClock().after(.milliseconds(Int(seconds * 1000)))
        await offTasks { _ = SystemClock().wait(until: instant, unless: StopSignal()) }
    }

    /// Whatever happened: ends all once the verdicts are there, of which each part has one with a score.
    private func eachIsScoredOnce(_ parts: Int, of fleet: FleetUnderFire, _ line: Program, _ feed: PartFeed)
        async throws
    {
        _ = try await FleetUnderFire.verdict(parts, of: line)
        await offTasks { feed.end() }
        await FleetUnderFire.end(line)
        await fleet.stopWorkers()
        let verdicts = try fleet.journal(of: "a")
        #expect(verdicts.count == parts && Set(verdicts.map(\.resultID)).count == parts)
        #expect(verdicts.allSatisfy { $0.score != nil })
    }

    /// The cable between the line's host and the server's is pulled, for as long as nothing of TCP outlives.
    @Test(.enabled(if: Namespaces.areAvailable, Comment(rawValue: Namespaces.need)))
    func aPulledCableLosesNothing() async throws {
        let outage = Faults.length(4.0, full: 20.0), parts = Faults.length(6, full: 60)
        let namespaces = try Namespaces()
        let fleet = try await FleetUnderFire(in: namespaces)
        let line = try await fleet.line("a")
        // One worker on each side: one goes on, one is cut off with its line.
        try fleet.startWorker()
        try fleet.startWorker(besideLine: false)
        let feed = PartFeed((0..<parts).map { "p\($0)" }, to: fleet.endpoint(of: "a"))
        _ = try await FleetUnderFire.verdict(2, of: line)
        try namespaces.setLink(up: false)
        await pass(outage)
        let before = await fleet.head(of: "a")
        try namespaces.setLink(up: true)
        let healed = SystemClock().now
        _ = try await FleetUnderFire.verdict(before + 1, of: line)
        let recovered = Faults.seconds(since: healed)
        try await eachIsScoredOnce(parts, of: fleet, line, feed)
        Faults.report(
            row: 19,
            "the cable to the server pulled for \(Faults.text(outage)): \(parts) parts, each with its verdict, the next one "
                + "\(Faults.text(recovered)) after it was back")
        withExtendedLifetime(namespaces) {}
    }

    /// Credentials that the server does not take any more are asked with again, as the file has them by then.
    @Test func mendedCredentialsAreTakenWithoutARestart() async throws {
        func configuration(_ password: String) -> String {
            "authorization { user: scanward, password: \"\(password)\" }"
        }
        let folder = try ScratchFolder("nats-mended"), file = folder.file("credentials")
        func write(_ password: String) throws {
            try "scanward:\(password)\n".write(toFile: file, atomically: true, encoding: .utf8)
            chmod(file, 0o600)
        }
        let server = try await NATSServer(configuration: configuration("first"))
        try write("first")
        let worker = try Program([
            "run", "--role", "score", "--nats", server.url, "--nats-credentials", file, "--state",
            folder.file("worker"),
        ])
        _ = try #require(await worker.errorLine { $0.hasSuffix("is reached") })
        await server.kill()
        try await server.start(configuration: configuration("second"))
        let told = try #require(await worker.errorLine { $0.contains("does not let us in any more") })
        #expect(told.contains("fleet.credentials_file"))
        try write("second")
        _ = try #require(await worker.errorLine(2) { $0.hasSuffix("is reached") })
        await FleetUnderFire.end(worker)

        let well = try await Program.run([
            "doctor", "--role", "score", "--nats", server.url, "--nats-credentials", file, "--state",
            folder.file("worker"), "--json",
        ])
        #expect(well.status == 6 && well.standardOutput.contains("\"cause\":\"fleet_streams\""))
        try write("third")
        let refused = try await Program.run([
            "doctor", "--role", "score", "--nats", server.url, "--nats-credentials", file, "--state",
            folder.file("worker"), "--json",
        ])
        #expect(refused.status == 6 && refused.standardOutput.contains("\"cause\":\"fleet_refused\""))
    }

    /// What the spool cannot hold is said at once, or scored here: the scanner waits for neither.
    @Test func aFullSpoolHoldsNobodyBack() async throws {
        let fleet = try await FleetUnderFire()
        await fleet.server.kill()
        let line = try await fleet.line("a", "--spool-size", "1")
        // 300,000 points of noise are 2 MB: one is taken, as nothing else is there.
        var random = SplitMix64(seed: 3)
        let large = (0..<150_000).map { _ in
            SIMD3(Float(random.next() % 1_000_003), Float(random.next() % 1_000_003), Float(random.next() % 1_000_003))
                / 7
        }
        let feed = PartFeed(["first", "second", "third"], to: fleet.endpoint(of: "a"), points: large)
        for count in 1...2 {
            let verdict = try await FleetUnderFire.verdict(count, of: line)
            #expect(verdict.evaluation == .notDecidable && verdict.reasons.map(\.code) == ["pool_unavailable"])
            #expect(verdict.partID == (count == 1 ? "second" : "third") && verdict.model != nil)
        }
        await offTasks { feed.end() }
        await FleetUnderFire.end(line)

        let local = try await fleet.line("b", "--when-away", "local")
        let other = PartFeed(["here"], to: fleet.endpoint(of: "b"))
        #expect(try await FleetUnderFire.verdict(1, of: local).score != nil)
        await offTasks { other.end() }
        await FleetUnderFire.end(local)
    }

    /// Two lines of one name would take each other's verdicts.
    @Test func aLinesNameIsOneProcesss() async throws {
        let fleet = try await FleetUnderFire()
        let line = try await fleet.line("a")
        try fleet.startWorker()
        let feed = PartFeed(["p1"], to: fleet.endpoint(of: "a"))
        _ = try await FleetUnderFire.verdict(1, of: line)
        let double = try await fleet.line("b", named: "a")
        let told = await double.errorLine { $0.contains("the line a of this fleet is that of another journal") }
        #expect(told?.contains("--line") == true)
        await offTasks { feed.end() }
        for program in [line, double] { await FleetUnderFire.end(program) }
        await fleet.stopWorkers()
    }

    @Test func aFleetWithoutStreamsSaysWhatToDo() async throws {
        let server = try await NATSServer()
        let status = try await Program.run(["fleet", "status", "--nats", server.url])
        #expect(status.status == 1 && status.standardError.contains("`scanward fleet init`"))
        let made = try await Program.run(["fleet", "init", "--nats", server.url, "--size", "1"])
        #expect(made.status == 0, "\(made.standardError)")
        let folder = try ScratchFolder("fleet-doctor")
        func causes(_ role: String) async throws -> Set<String> {
            let output = try await Program.run([
                "doctor", "--role", role, "--nats", server.url, "--state", folder.file(role), "--json", "--listen", "0",
                "--no-self-test", "--publish", "none", "--replay", "none", "--http", "none",
                "--bind", "ipc://" + folder.file("in"),
            ])
            let lines = output.standardOutput.split(separator: "\n").compactMap {
                try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
            return Set(lines.compactMap { $0["cause"] as? String })
        }
        // A worker without a line, and a line without a worker.
        #expect(try await causes("score").contains("fleet_idle"))
        #expect(try await causes("ingest").contains("fleet_idle"))
        await server.kill()
        #expect(try await causes("ingest").contains("fleet_away"))
        let gone = try await Program.run(["fleet", "status", "--nats", server.url])
        #expect(gone.status == 1 && gone.standardError.contains("no NATS server is reached"))
    }
}

/// Waits on a thread of its own.
private func offTasks(_ body: @escaping @Sendable () -> Void) async { try? await offPool(body) }
