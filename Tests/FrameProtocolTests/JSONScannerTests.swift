import Foundation
import Testing

@testable import FrameProtocol

struct JSONScannerTests {
    private func scan(_ text: String) throws -> [JSONMember] {
        var scanner = JSONScanner(Array(text.utf8))
        return try scanner.scanObject()
    }

    @Test(arguments: [
        "{}", " { \"a\" : [ ] } \n", "{\"a\":[1,-0,0.5,1e5,1E+2,-1.25e-3,true,false,null,\"\",{}]}",
        "{\"\":{\"\":\"\"}}", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00\"}", "{\"a\":1,\"A\":2}",
        "{\"\u{e9}\":1,\"e\u{301}\":2}",
    ])
    func accepts(_ text: String) throws { _ = try scan(text) }

    @Test(arguments: [
        "", "[]", "1", "{", "}", "{}{}", "{} x", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}", "{'a':1}",
        "{\"a\":01}", "{\"a\":+1}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":NaN}",
        "{\"a\":Infinity}", "{\"a\":tru}", "{\"a\":True}", "{\"a\":nulll}", "{\"a\":[1,]}", "{\"a\":[1 2]}",
        "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"\\udc00\"}", "{\"a\":\"", "{\"a\":\"\\", "\u{FEFF}{}", "{\"a\":1/**/}", "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":1}",
    ])
    func refuses(_ text: String) { #expect(throws: JSONFault.self) { try scan(text) } }

    @Test func refusesInvalidUTF8() throws {
        for bytes: [UInt8] in [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] {
            var scanner = JSONScanner(Array("{\"k\u{e4}\":\"".utf8) + bytes + Array("\"}".utf8))
            let fault = try #require(throws: JSONFault.self) { try scanner.scanObject() }
            #expect(fault.offset == 8 && fault.message.contains("UTF-8"))
        }
    }

    @Test func limitsNesting() throws {
        func nested(_ depth: Int) -> String {
            "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        _ = try scan(nested(JSONScanner.maximumDepth - 1))
        #expect(throws: JSONFault.self) { try scan(nested(JSONScanner.maximumDepth)) }
        #expect(throws: JSONFault.self) { try scan(String(repeating: "{\"a\":", count: 10_000)) }
    }

    @Test func keepsNumbersAndRanges() throws {
        let text = "{\"a\": 18446744073709551615, \"u\": {\"x\" : [1,2]} }"
        let members = try scan(text)
        #expect(members[0].value.uint64 == .max && members[0].value.uint32 == nil)
        let bytes = Array(text.utf8)
        #expect(String(decoding: bytes[members[1].value.range], as: UTF8.self) == "{\"x\" : [1,2]}")
    }

    /// Whatever this scanner accepts, Foundation's parser accepts, and the other way round but for duplicate keys,
    /// depth and what Foundation tolerates.
    @Test func agreesWithFoundation() throws {
        var generator = SeededGenerator(seed: 11)
        let seed = Array("{\"a\":[1,-0.5e3,true,null,\"x\\u00e4\\n\"],\"b\":{\"c\":\"\u{e4}\u{1F600}\"}}".utf8)
        for _ in 0..<5000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = seed.randomElement(using: &generator) ?? 0
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 32...126, using: &generator), at: place)
                }
            }
            var scanner = JSONScanner(bytes)
            if (try? scanner.scanObject()) != nil {
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(bytes)) }
            }
        }
    }
}
