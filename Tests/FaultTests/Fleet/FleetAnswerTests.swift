import Fleet
import Foundation
import Inspection
import Testing

@testable import scanward

/// What a line takes from a worker.
struct FleetAnswerTests {
    private static let ticket = PartTicket(
        resultID: String(repeating: "ab", count: 16), line: "press1", station: "station1", source: "scanner-a",
        session: "s1", partID: "p1", partType: "mug", judgedAs: "mug", attempt: 1, isSimulated: false,
        model: .init(
            id: String(repeating: "cd", count: 32), name: "mug", version: "1", profile: "default", threshold: 2.5),
        configHash: "hash", points: 10, droppedPoints: 0, frames: [], framesReceived: 1, framesExpected: 1,
        framesMissed: 0, framesRejected: 0, firstCaptureNs: 1, lastCaptureNs: 2, receivedNs: 3, acquisitionNs: 4,
        user: #"{"order":7}"#, remarks: [.init(code: "frame_refused", message: "one was")], handedOverNs: 5,
        deadlineNs: 6)

    private func verdict(_ change: (inout Verdict) -> Void = { _ in }) throws -> [UInt8] {
        var verdict = Verdict(
            epoch: "", seq: 1, resultID: Self.ticket.resultID, line: "elsewhere", station: "", source: "scanner-a",
            session: "s1", partID: "p1", partType: "mug", attempt: 1, isPartial: false, isSimulated: false,
            evaluation: .ok, reasons: [], configHash: "hash",
            frames: .init(received: 1, expected: 1, missed: 0, rejected: 0), points: .init(received: 10, used: 10),
            times: .init(firstCaptureNs: 1, lastCaptureNs: 2, receivedNs: 3, decidedNs: 4), durationsMs: .init(),
            user: nil)
        verdict.model = .init(id: Self.ticket.model.id, name: "mug", version: "1")
        (verdict.score, verdict.threshold) = (1, 2.5)
        change(&verdict)
        return try verdict.json()
    }

    @Test func theLinesOwnIsTaken() throws {
        let taken = try PartPool.verdict(verdict(), on: Self.ticket)
        #expect(taken.evaluation == .ok && taken.line == "press1" && taken.station == "station1")
        #expect(taken.reasons.map(\.code) == ["frame_refused"])
    }

    /// None of these may become an ok.
    @Test func everyOtherIsRefusedInASentence() throws {
        let changes: [(String, (inout Verdict) -> Void)] = [
            ("result_id", { $0.resultID = "other" }), ("part_id", { $0.partID = "p2" }),
            ("session", { $0.session = "s2" }), ("source", { $0.source = "scanner-b" }),
            ("attempt", { $0.attempt = 2 }), ("schema", { $0.schema = "verdict/2" }),
            ("model", { $0.model?.id = "other" }), ("no model", { $0.model = nil }),
            ("config_hash", { $0.configHash = "other" }), ("threshold", { $0.threshold = 9 }),
            ("above the threshold", { $0.score = 2.6 }), ("no score", { $0.score = nil }),
            ("no threshold", { $0.threshold = nil }), ("code", { $0.evaluationCode = 3 }),
            ("undefined", { ($0.evaluation, $0.evaluationCode) = (.undefined, Evaluation.undefined.code) }),
        ]
        for (name, change) in changes {
            let json = try verdict(change)
            let error = #expect(throws: FleetError.self, "\(name)") { try PartPool.verdict(json, on: Self.ticket) }
            #expect(error?.message.hasPrefix("expected ") == true, "\(name)")
        }
        for bytes in ["", "{}", "[]", "null", "{\"schema\":\"verdict/1\"}"] {
            #expect(throws: FleetError.self) { try PartPool.verdict(Array(bytes.utf8), on: Self.ticket) }
        }
    }

    @Test func whatWasNotScoredSaysWhy() throws {
        let builder = VerdictBuilder(line: "press1", station: "station1", configHash: "newer", epoch: "e", head: 4)
        let verdict = Self.ticket.undecided(Reason(code: "pool_deadline", message: "too late"), builder: builder)
        #expect(verdict.evaluation == .notDecidable && verdict.configHash == "hash" && !verdict.isPartial)
        #expect(verdict.reasons.map(\.code) == ["frame_refused", "pool_deadline"])
        #expect(verdict.model?.id == Self.ticket.model.id && verdict.points.received == 10 && verdict.score == nil)
        #expect(verdict.resultID == Self.ticket.resultID && verdict.user != nil)
    }
}
