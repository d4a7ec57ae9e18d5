import Testing

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(30))) struct AllowListTests {
    private let one = CurveKey("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7")!
    private let other = CurveKey("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID")!

    @Test func namesAndKeysAreReadAndTheRestPassedOver() throws {
        let list = try AllowList(text: "# scanners\n\n  scanner-a \(one)  \nmes.1\t\(other)\n   # end")
        #expect(list.entries == [.init(name: "scanner-a", key: one), .init(name: "mes.1", key: other)])
        #expect(list.name(of: one) == "scanner-a" && list.name(of: other) == "mes.1")
        #expect(try AllowList(text: "").entries.isEmpty)
    }

    @Test(arguments: [
        ("a rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\nb short", 2, "40 characters"),
        ("# c\n\nonly-a-name", 3, "found 1 word"),
        ("a rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7 more", 1, "found 3 words"),
        ("a/b rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", 1, "expected a name"),
        (
            "a rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\nb rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", 2,
            "stands for \"a\" already"
        ),
        (
            "a rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\n#\na Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", 3,
            "has a key already"
        ),
        ("a rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]y\"7", 1, "40 characters"),
    ])
    func aDamagedLineIsNamed(text: String, line: Int, words: String) {
        let error = #expect(throws: AllowList.Damage.self) { try AllowList(text: text) }
        #expect(error?.line == line)
        #expect(error?.message.contains(words) ?? false, "\(error?.message ?? "")")
    }

    /// The pair of ZeroMQ's own documentation (zmq_curve(7)).
    @Test func aPublicKeyFollowsFromItsSecret() throws {
        let secret = try #require(CurveKey("D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"))
        let pair = try CurveKeyPair(secretKey: secret)
        #expect(pair.publicKey == other)
        let made = try CurveKeyPair.generate()
        #expect(try CurveKeyPair(secretKey: made.secretKey) == made)
        #expect(made != pair)
    }

    @Test func aKeyIsTheSameAsBytes() throws {
        #expect(CurveKey(bytes: [UInt8](repeating: 0, count: 32))?.text == String(repeating: "0", count: 40))
        #expect(CurveKey(bytes: [0]) == nil && CurveKey("") == nil && CurveKey(one.text + "0") == nil)
    }
}
