import FrameProtocol
import Foundation
import Inspection
import TestCaptures
import TestPrograms
import Testing

/// Captures as people have them: growing, in pieces, with holes.
@Suite struct CaptureCommandTests {
    private static let parts = 4

    /// A connection of parts in one frame each; nothing scores their type.
    private func packets() throws -> [CapturePacket] {
        var connection = ConnectionBuilder()
        connection.open()
        connection.send(Wire.greeting() + Wire.ready)
        for seq in 0..<UInt64(Self.parts) {
            var header = FrameHeader(
                source: "scanner-a", session: "s1", seq: seq, partID: "part-\(seq)", frameIndex: 0, endOfPart: true,
                captureNanoseconds: 1_763_961_234_000_000_000 + seq)
            header.partType = "unheard-of"
            let points = (0..<600).map { SIMD3<Float>(Float($0), Float($0 % 7), 1) }
            connection.send(Wire.message(try FrameEncoder().encode(header, points: points)))
        }
        return connection.packets
    }

    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "captures-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    private func arguments(_ capture: URL) async throws -> [String] {
        [
            "run", "--capture", capture.path, "--publish", "none", "--model", try await QuickModel.folder(),
            "--json",
        ]
    }

    /// A source that ends by itself is told to the service manager before what came is judged to the end: from then on its
    /// time for stopping runs.
    @Test func theManagerHearsThatASourceEnded() async throws {
        let folder = try ScratchFolder("ended")
        let file = folder.url.appending(path: "line.pcap")
        try Data(CaptureFileWriter(try packets(), linkType: .ethernet).bytes).write(to: file)
        let manager = try NotifyListener(folder.file("notify"))
        let output = try await Program(
            try await arguments(file), environment: ["NOTIFY_SOCKET": folder.file("notify")]
        ).finish()
        #expect(output.status == 0, "\(output.standardError)")
        _ = await manager.message { $0 == "STOPPING=1" }
        #expect(manager.messages.first?.hasPrefix("READY=1\n") ?? false)
        #expect(manager.messages.count { $0 == "STOPPING=1" } == 1, "\(manager.messages)")
    }

    @Test func aGrowingCaptureIsFollowedUntilSIGTERM() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "line.pcap")
        let bytes = CaptureFileWriter(try packets(), linkType: .ethernet).bytes
        let half = bytes.count / 2 + 5
        try Data(bytes[..<half]).write(to: file)
        let monitor = try Program(try await arguments(file) + ["--follow"])
        _ = try #require(await monitor.outputLine { $0.contains(#""part_id":"part-0""#) })
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(bytes[half...]))
        try handle.close()
        _ = try #require(await monitor.outputLine { $0.contains(#""part_id":"part-3""#) })
        #expect(monitor.isRunning)
        monitor.terminate()
        let output = await monitor.finish()
        #expect(output.status == 0, "\(output.standardError)")
        #expect(try Verdict.decode(lines: output.standardOutput).map(\.partID) == (0..<4).map { "part-\($0)" })
    }

    @Test func aFolderWithAHoleAndACutEndSaysWhatWasLost() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var packets = try packets()
        // Three packets open the connection; each part has six.
        let lost = packets.remove(at: 3 + 6 + 3)
        let pieces = [packets[..<11], packets[11...]]
        for (name, piece) in zip(["b.pcap", "a.pcap"], pieces) {
            var bytes = CaptureFileWriter(Array(piece), linkType: .ethernet).bytes
            if name == "a.pcap" { bytes.removeLast(3) }
            try Data(bytes).write(to: folder.appending(path: name))
        }
        let output = try await Program.run(try await arguments(folder))
        #expect(output.status == 4)
        let judged = try Verdict.decode(lines: output.standardOutput).filter { !$0.isPartial }.map(\.partID)
        #expect(judged == ["part-0", "part-2"])
        let missing = lost.bytes.count - 66
        #expect(
            output.standardError.contains(
                "\(missing) bytes missing; cost frame 0 of part \"part-1\" (scanner-a, seq 1)"))
        #expect(output.standardError.contains("cost frame 0 of part \"part-3\" (scanner-a, seq 3)"))
        #expect(output.standardError.contains("a.pcap breaks off after"))
    }
}
