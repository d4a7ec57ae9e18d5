import Testing

@testable import FrameProtocol

@Suite struct ReplayRequestTests {
    private func decode(_ text: String) throws(ReplayRefusal) -> ReplayRequest {
        try ReplayRequest.decode(Array(text.utf8))
    }

    @Test func theRequestsOfTheDocumentation() throws {
        #expect(
            try decode(#"{"schema": "replay/1", "request": "verdicts", "from_seq": 17, "epoch": "e-1", "credit": 100}"#)
                == .verdicts(.init(fromSeq: 17, epoch: "e-1", credit: 100)))
        #expect(
            try decode(#"{"credit":1,"consumer":"mes1","request":"verdicts","tag":"7","schema":"replay/1"}"#)
                == .verdicts(.init(credit: 1, consumer: "mes1", tag: "7")))
        #expect(
            try decode(#"{"schema":"replay/1","request":"acknowledge","consumer":"mes1","epoch":"e","seq":42}"#)
                == .acknowledge(.init(consumer: "mes1", epoch: "e", seq: 42)))
        let largest = "9223372036854775807"
        #expect(
            try decode(#"{"schema":"replay/1","request":"verdicts","from_seq":\#(largest),"credit":500}"#)
                == .verdicts(.init(fromSeq: UInt64(Int64.max), credit: 500)))
    }

    private static let refused: [(String, ReplayRefusal.Reason)] = [
        ("", .malformed), ("[]", .malformed), ("{", .malformed), (#"{"schema":"replay/1"} x"#, .malformed),
        ("{}", .missingKey), (#"{"schema":"replay/2"}"#, .unknownSchema), (#"{"schema":1}"#, .invalidValue),
        (#"{"schema":"replay/1"}"#, .missingKey),
        (#"{"schema":"replay/1","request":"shutdown"}"#, .unknownRequest),
        (#"{"schema":"replay/1","request":"verdicts","credit":5}"#, .missingKey),
        (#"{"schema":"replay/1","request":"verdicts","from_seq":1}"#, .missingKey),
        (#"{"schema":"replay/1","request":"verdicts","from_seq":1,"credit":0}"#, .invalidValue),
        (#"{"schema":"replay/1","request":"verdicts","from_seq":1,"credit":501}"#, .invalidValue),
        (#"{"schema":"replay/1","request":"verdicts","from_seq":-1,"credit":5}"#, .invalidValue),
        (#"{"schema":"replay/1","request":"verdicts","from_seq":1.0,"credit":5}"#, .invalidValue),
        (#"{"schema":"replay/1","request":"verdicts","from_seq":9223372036854775808,"credit":5}"#, .invalidValue),
        (#"{"schema":"replay/1","request":"verdicts","from_seq":"1","credit":5}"#, .invalidValue),
        (#"{"schema":"replay/1","request":"verdicts","from_seq":1,"credit":5,"from_seq":2}"#, .duplicateKey),
        (#"{"schema":"replay/1","request":"verdicts","from_seq":1,"credit":5,"seq":2}"#, .unknownKey),
        (#"{"schema":"replay/1","request":"verdicts","consumer":"a b","credit":5}"#, .invalidValue),
        (#"{"schema":"replay/1","request":"verdicts","consumer":"","credit":5}"#, .invalidValue),
        (#"{"schema":"replay/1","request":"acknowledge","consumer":"mes1","seq":1}"#, .missingKey),
        (#"{"schema":"replay/1","request":"acknowledge","consumer":"mes1","epoch":"e/1","seq":1}"#, .invalidValue),
    ]

    @Test(arguments: refused) func everythingElseIsRefusedByName(text: String, reason: ReplayRefusal.Reason) {
        let error = #expect(throws: ReplayRefusal.self) { try decode(text) }
        #expect(error?.reason == reason, "\(text): \(error?.message ?? "")")
    }

    @Test func longOnesAreNotRead() {
        let tag = String(repeating: "x", count: 65)
        var error = #expect(throws: ReplayRefusal.self) {
            try decode(#"{"schema":"replay/1","request":"verdicts","from_seq":1,"credit":5,"tag":"\#(tag)"}"#)
        }
        #expect(error?.reason == .invalidValue)
        error = #expect(throws: ReplayRefusal.self) { try decode(String(repeating: " ", count: 5000)) }
        #expect(error?.reason == .tooLarge)
    }

    /// Whatever a peer sends, decoding ends with a request or a refusal.
    @Test func anyMutationEndsWell() {
        let seed = Array(#"{"schema":"replay/1","request":"verdicts","from_seq":17,"epoch":"e","credit":9}"#.utf8)
        for place in seed.indices {
            for byte in [0, 0x22, 0x2C, 0x5C, 0x7B, 0x80, 0xFF] as [UInt8] {
                var bytes = seed
                bytes[place] = byte
                if case .verdicts(let request) = try? ReplayRequest.decode(bytes) {
                    #expect(request.fromSeq != nil && (1...500).contains(request.credit))
                }
                _ = try? ReplayRequest.decode(Array(seed[..<place]))
            }
        }
    }
}
