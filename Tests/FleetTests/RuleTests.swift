import Fleet
import Testing

struct RuleTests {
    @Test func aPartThatKilledThreeIsGivenToNoFourth() {
        let rule = RedeliveryRule()
        #expect((1...3).allSatisfy { rule.decide(deliveries: $0, began: { 9 }) == .score })
        #expect(rule.decide(deliveries: 4, began: { 3 }) == .abandon(deaths: 3))
        // Messages that no worker saw killed none.
        #expect(rule.decide(deliveries: 9, began: { 2 }) == .score)
    }

    /// A line with a thousand parts before it and one with a single part are served in turn.
    @Test func linesAreServedInTurn() {
        var rotation = LineRotation()
        rotation.update(["b", "a", "c", "b"])
        #expect(rotation.order == ["a", "b", "c"])
        var waiting = ["a": 1000, "b": 3, "c": 1]
        var served: [String] = []
        for _ in 0..<8 {
            guard let line = rotation.order.first(where: { waiting[$0, default: 0] > 0 }) else { break }
            waiting[line]! -= 1
            served.append(line)
            rotation.noteServed(line)
        }
        #expect(served == ["a", "b", "c", "a", "b", "a", "b", "a"])
        rotation.update(["b"])
        #expect(rotation.order == ["b"])
        rotation.update([])
        #expect(rotation.isEmpty)
    }

    @Test(arguments: ["line1", "Halle 2/links", "a.b_c-d", "größe", "*", ">", ""]) func namesAreTokens(name: String) {
        let token = FleetNames.token(name)
        #expect(!token.contains { ".*> /".contains($0) })
        #expect(FleetNames.text(token) == name)
        #expect(FleetNames.line(ofConsumer: FleetNames.consumer(of: name)) == name)
    }

    @Test func foreignConsumersAreNoLines() {
        #expect(FleetNames.line(ofConsumer: "hub") == nil)
        #expect(FleetNames.line(ofConsumer: "line__Z") == nil)
        #expect(FleetNames.part(of: "a.b") == "scanward.part.a_2Eb")
    }

    /// The same recording may be played at two lines: the stream must not take the second for a repetition of the first.
    @Test func equalPartsOfTwoLinesAreTwoMessages() {
        let (a, b) = (FleetNames.message("r1", of: "a.1"), FleetNames.message("r1", of: "a.2"))
        #expect(a != b)
        #expect(a.split(separator: ".").first == "r1" && b.split(separator: ".").count == 2)
    }

    @Test func aLinesReportComesBack() throws {
        var report = LineReport(journal: "epoch", process: "host-1")
        #expect(try LineReport(report.encoded()) == report)
        (report.parts, report.sent, report.oldestAge) = (5, 3, 1.5)
        #expect(try LineReport(report.encoded()) == report)
        #expect(throws: FleetError.self) { try LineReport([1, 2]) }
    }

    @Test func aReportComesBack() throws {
        var report = WorkerReport(id: "w1", version: "1", startedNs: 5)
        report.partMs = 12.5
        report.line = "line1"
        #expect(try WorkerReport(report.encoded()) == report)
    }
}
