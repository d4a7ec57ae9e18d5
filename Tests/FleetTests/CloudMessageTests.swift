import SeededRandom
import Testing

@testable import Fleet

struct CloudMessageTests {
    /// Floats of a few arrays one after the other, as a cloud has them.
    private func cloud(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        bowl(count, seed: seed).flatMap { point in
            (0..<3).flatMap { axis in withUnsafeBytes(of: point[axis].bitPattern.littleEndian) { Array($0) } }
        }
    }

    @Test(arguments: [1, 100, 20_000]) func aCloudComesBack(count: Int) throws {
        let message = CloudMessage(resultID: "abc", cloud: cloud(count))
        let (whole, none) = try message.encoded(limit: 1 << 20)
        #expect(none.isEmpty && whole.count < message.cloud.count + 300)
        let received = try CloudMessage.Received(whole)
        #expect(received.resultID == "abc" && received.pieces == 0)
        #expect(try received.message(pieces: []) == message)
    }

    @Test func whatDoesNotFitComesInPieces() throws {
        let message = CloudMessage(resultID: "abc", cloud: cloud(20_000)), limit = 30_000
        let (head, pieces) = try message.encoded(limit: limit)
        #expect(pieces.count > 3 && ([head] + pieces).allSatisfy { $0.count <= limit - PartMessage.margin })
        let received = try CloudMessage.Received(head)
        #expect(try received.message(pieces: pieces) == message)
        #expect(throws: FleetError.self) { try received.message(pieces: Array(pieces.dropLast())) }
        #expect(throws: FleetError.self) { try received.message(pieces: Array(pieces.reversed())) }
        let other = try CloudMessage(resultID: "abc", cloud: cloud(20_000, seed: 2)).encoded(limit: limit)
        #expect(throws: FleetError.self) { try received.message(pieces: [other.pieces[0]] + pieces.dropFirst()) }
    }

    /// Nothing that comes makes us crash, or allocate more than a cloud may have; no change goes unseen.
    @Test func whatIsNoneIsRefused() throws {
        for count in [0, 3, CloudMessage.maximumBytes + 4] {
            let message = CloudMessage(resultID: "abc", cloud: [UInt8](repeating: 1, count: count))
            #expect(throws: FleetError.self) { try message.encoded(limit: 1 << 20) }
        }
        let (bytes, _) = try CloudMessage(resultID: "abc", cloud: cloud(40)).encoded(limit: 1 << 20)
        let end = try #require(bytes.firstIndex(of: UInt8(ascii: "\n")))
        for place in (end + 1)..<bytes.count {
            var changed = bytes
            changed[place] ^= 0x15
            #expect(throws: FleetError.self, "\(place)") { try CloudMessage.Received(changed).message(pieces: []) }
        }
        var random = SplitMix64(seed: 5)
        for _ in 0..<2000 {
            var changed = bytes
            for _ in 0..<3 { changed[Int(random.next() % UInt64(changed.count))] = UInt8(random.next() & 0xFF) }
            _ = try? CloudMessage.Received(changed).message(pieces: [])
        }
        for bytes in [
            "", "{}\n", "[]", "\n",
            #"{"bytes":-4,"crc32":1,"pieces":0,"result_id":"a","schema":"fleet-cloud/1"}"# + "\n",
            #"{"bytes":4,"crc32":1,"pieces":0,"result_id":"../a","schema":"fleet-cloud/1"}"# + "\n",
        ] {
            #expect(throws: FleetError.self) { try CloudMessage.Received(Array(bytes.utf8)).message(pieces: []) }
        }
    }
}
