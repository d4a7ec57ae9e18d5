import Foundation
import Testing

@testable import Inspection

@Suite struct VerdictTests {
    private var verdict: Verdict {
        var verdict = Verdict(
            epoch: "e", seq: 18_446_744_073_709_551_615, resultID: "r", line: "l", station: "s", source: "a",
            session: "x",
            partID: "p", partType: nil, attempt: 1, isPartial: false, isSimulated: true, evaluation: .notOK,
            reasons: [Reason(code: "c", message: "m")], configHash: "h",
            frames: .init(received: 3, expected: nil, missed: 0, rejected: 1), points: .init(received: 5, used: 4),
            times: .init(firstCaptureNs: 1, lastCaptureNs: 2, receivedNs: 3, decidedNs: 1_800_000_000_123_456_789),
            durationsMs: .init(),
            user: .object(["lot": .string("7"), "count": .unsigned(.max), "neg": .integer(-3), "none": .null]))
        verdict.score = 2.5
        verdict.channels = ["deviation": 2.5]
        return verdict
    }

    @Test func jsonHasTheFieldsOfVerdict1() throws {
        let object = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(verdict)) as? [String: Any])
        #expect(object["schema"] as? String == "verdict/1")
        #expect(object["evaluation"] as? String == "not_ok")
        #expect(object["evaluation_code"] as? Int == 2)
        for key in [
            "epoch", "seq", "result_id", "line", "station", "source", "part_id", "attempt", "is_partial",
            "is_simulated", "reasons", "score", "channels", "config_hash", "regions", "frames", "points", "times",
            "durations_ms", "user",
        ] {
            #expect(object[key] != nil, "\(key)")
        }
    }

    @Test func everyNumberComesBackExactly() throws {
        let back = try JSONDecoder().decode(Verdict.self, from: JSONEncoder().encode(verdict))
        #expect(back == verdict)
        #expect(back.seq == .max)
    }

    @Test func evaluationsCarryOPCUAsNumbers() {
        #expect(Evaluation.allCases.map(\.code).sorted() == [0, 1, 2, 3])
        #expect(Evaluation.ok.code == 1 && Evaluation.undefined.code == 0)
    }
}
