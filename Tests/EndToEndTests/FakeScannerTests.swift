import Foundation
import TestPrograms
import Testing

/// `fake-scanner` and `tap`, one at the end of the other: what was planted is what is seen.
@Suite(.serialized) struct FakeScannerTests {
    struct Part: Decodable {
        struct Fault: Decodable, Equatable {
            var fault: String
            var frame: Int
        }
        var part_id: String
        var messages: Int
        var faults: [Fault]
    }

    struct Sent: Decodable {
        var messages: [String: Int]
        var faults: [String: Int]
    }

    struct Seen: Decodable {
        struct Refused: Decodable {
            var reason: String
            var count: Int
            var message: String
        }
        struct Source: Decodable {
            var source: String
            var frames: Int, points: Int
            var gaps: UInt64, missing: UInt64, repeats: UInt64
            var refused: [Refused]
            var parts: Int
            var part_types: [String: Int]
            var unit: String
            var fields: [String]
            var send_skew: Skew
        }
        struct Skew: Decodable { var smallest_ms: Double, largest_ms: Double }
        var sources: [Source]
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ line: Substring) throws -> Value {
        try JSONDecoder().decode(type, from: Data(line.utf8))
    }

    /// Sends over PUSH to a tap that listens until all has come; returns what both said.
    private func exchange(
        _ arguments: [String]
    ) async throws -> (parts: [Part], sent: Sent, seen: Seen, tap: Program.Output) {
        let folder = try ScratchFolder("tap")
        let tap = try Program(["tap", "--bind", "ipc://" + folder.file("in"), "--json"])
        _ = try #require(await tap.line(beginning: "frames from "))
        let scanner = try await Program.run(
            ["fake-scanner", "--to", "ipc://" + folder.file("in"), "--topspeed", "--json"] + arguments)
        #expect(scanner.status == 0, "\(scanner.standardError)")
        let said = scanner.standardOutput.split(separator: "\n")
        let sent = try decode(Sent.self, try #require(said.last))
        let count = sent.messages.values.reduce(0, +)
        _ = try #require(await tap.outputLine(count) { $0.contains("\"arrived_ns\"") })
        tap.terminate()
        let output = await tap.finish()
        #expect(output.standardError.contains("taken from the monitor's way"))
        return (
            try said.dropLast().map { try decode(Part.self, $0) }, sent,
            try decode(Seen.self, try #require(output.standardOutput.split(separator: "\n").last)), output
        )
    }

    private static let parts = [
        Program.fixture("parts/mug/test/mug_01.pcd"), Program.fixture("parts/mug/test/mug_02.pcd"),
    ]

    @Test func whatIsSentArrives() async throws {
        let (parts, sent, seen, tap) = try await exchange(
            ["--source", "a", "--source", "b", "--part-type", "mug", "--loop", "2"] + Self.parts)
        #expect(tap.status == 0)
        #expect(parts.map(\.part_id) == ["mug_01", "mug_02", "mug_01-2", "mug_02-2"])
        #expect(sent.messages == ["a": 8, "b": 8])
        #expect(sent.faults.isEmpty)
        #expect(seen.sources.map(\.source) == ["a", "b"])
        for source in seen.sources {
            #expect(source.frames == 8 && source.parts == 2 && source.gaps == 0 && source.refused.isEmpty)
            #expect(source.part_types == ["mug": 8] && source.unit == "mm")
            #expect(source.fields == ["x <f4", "y <f4", "z <f4"])
        }
        #expect(tap.standardOutput.split(separator: "\n").count == 17)
    }

    @Test func eachPlantedFaultIsSeen() async throws {
        let fault = "drop=0.2,corrupt=0.2,truncate=0.2,malformed=0.2,duplicate=0.2,clock-skew=60"
        let arguments = ["--fault", fault, "--seed", "7", "--frames-per-part", "8", "--loop", "2"] + Self.parts
        let (parts, sent, seen, _) = try await exchange(arguments + ["--source", "dry"])
        let again = try await exchange(arguments + ["--source", "dry"])
        // One seed, the same faults.
        #expect(parts.map(\.faults) == again.parts.map(\.faults))
        let source = try #require(seen.sources.first { $0.source == "dry" })
        func refused(_ reason: String) -> Int { source.refused.first { $0.reason == reason }?.count ?? 0 }
        #expect(Set(sent.faults.keys) == ["drop", "corrupt", "truncate", "malformed", "duplicate"])
        #expect(source.frames + source.refused.reduce(0) { $0 + $1.count } == sent.messages["dry"])
        #expect(refused("sizeMismatch") > 0 && refused("checksumMismatch") > 0 && refused("malformedHeader") > 0)
        #expect(source.refused.allSatisfy { $0.message.contains("expected") || $0.message.contains("byte") })
        #expect(source.missing > 0 && source.repeats > 0)
        #expect(source.send_skew.largest_ms < -30_000)
    }

    @Test func aScannerThatPublishesWaitsForItsReader() async throws {
        let folder = try ScratchFolder("tap")
        let address = "ipc://" + folder.file("pub")
        let scanner = try Program(["fake-scanner", "--bind", address, "--topspeed"] + Self.parts)
        _ = try #require(await scanner.line(beginning: "frames at "))
        let tap = try await Program.run(["tap", address, "--count", "8", "--lines"])
        #expect(tap.status == 0, "\(tap.standardError)")
        #expect(tap.standardOutput.contains("mug_02"))
        #expect(tap.standardOutput.contains("frame 3/4 end"))
        #expect(await scanner.finish().status == 0)
    }

    @Test func aTapSaysWhatItWaitsFor() async throws {
        let folder = try ScratchFolder("tap")
        let nobody = try await Program.run(["tap", "ipc://" + folder.file("nobody"), "--duration", "0.3"])
        #expect(nobody.status == 3)
        #expect(nobody.standardError.contains("nobody listens at"), "\(nobody.standardError)")
        let alone = try await Program.run(["tap", "--bind", "ipc://" + folder.file("alone"), "--duration", "0.3"])
        #expect(alone.status == 3)
        #expect(alone.standardError.contains("no scanner has connected"))
    }

    @Test func aRecordingIsTapped() async throws {
        let tap = try await Program.run(["tap", "--capture", Program.fixture("captures/line.pcap")])
        #expect(tap.status == 0, "\(tap.standardError)")
        #expect(tap.standardOutput.contains("SOURCE"))
        #expect(tap.standardOutput.contains("scanner-a"))
    }

    @Test(arguments: ["drop=2", "wrong-unit=1", "nonsense", "clock-skew"]) func aFaultThatIsNone(fault: String)
        async throws
    {
        let output = try await Program.run(["fake-scanner", "--to", "ipc:///tmp/x", "--fault", fault] + Self.parts)
        #expect(output.status == 64)
        #expect(output.standardError.contains("--fault"))
    }
}
