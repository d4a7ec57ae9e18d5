import FrameProtocol
import Foundation
import TestCaptures
import Testing

@testable import Ingest

/// A directory of captures: in order, with connections that go on from one file into the next.
@Suite(.timeLimit(.minutes(30))) struct CaptureSeriesTests {
    private let messages = (0..<6).map { try! TrueFrames.message(seq: $0, points: 700) }

    private func packets() -> [CapturePacket] {
        var connection = ConnectionBuilder()
        connection.open()
        connection.send(Wire.greeting() + Wire.ready)
        for message in messages { connection.send(Wire.message(message)) }
        return connection.packets
    }

    /// Writes the packets as three files whose names are not in their order, split within messages.
    private func folder(cutting: Int = 0) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "series-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let packets = packets()
        let thirds = [packets[..<12], packets[12..<25], packets[25...]]
        for (name, third) in zip(["line.pcap2", "line.pcap", "a.pcapng"], thirds) {
            let format: CaptureFileWriter.Format = name == "a.pcapng" ? .pcapng : .nanoseconds
            var bytes = CaptureFileWriter(Array(third), format, linkType: .ethernet).bytes
            if name == "line.pcap" { bytes.removeLast(cutting) }
            try Data(bytes).write(to: folder.appending(path: name))
        }
        try Data("text".utf8).write(to: folder.appending(path: "notes.txt"))
        try Data(CaptureFileWriter(linkType: .ethernet).bytes).write(to: folder.appending(path: "idle.pcap"))
        try Data().write(to: folder.appending(path: ".hidden"))
        try FileManager.default.createDirectory(
            at: folder.appending(path: "deeper"), withIntermediateDirectories: false)
        return folder
    }

    private func read(_ folder: URL) throws -> (messages: [[[UInt8]]], frames: CaptureFrames) {
        let frames = try CaptureFrames(path: folder.path, limits: CaptureLimits())
        var found: [[[UInt8]]] = []
        while let message = try frames.next() { found.append(message.parts) }
        return (found, frames)
    }

    @Test func filesAreReadInTheOrderOfTheirFirstPackets() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (found, frames) = try read(folder)
        #expect(found == messages)
        #expect(frames.statistics.packets == packets().count && frames.statistics.connections.count == 1)
        #expect(frames.statistics.lossCount == 0 && frames.truncation == nil)
        #expect(frames.notes.count == 2)
        #expect(frames.notes.contains { $0.contains("idle.pcap was left out: it holds no packet") })
        #expect(frames.notes.contains { $0.contains("notes.txt was left out:") && $0.contains("not a capture") })
    }

    @Test func aFileThatIsCutOffCostsWhatItLacks() throws {
        let folder = try folder(cutting: 10)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (found, frames) = try read(folder)
        #expect(found.count == 5 && frames.statistics.lossCounts == [.missingBytes: 1])
        #expect(frames.truncation?.contains("line.pcap breaks off after 12 packets") == true)
    }

    @Test func aFileThatIsDamagedIsSaidAndTheOthersAreRead() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var bytes = CaptureFileWriter(Array(packets()[12..<25]), linkType: .ethernet).bytes
        // The third packet announces 2 GB.
        let third = 24 + (0..<2).reduce(0) { sum, index in sum + 16 + packets()[12 + index].bytes.count }
        bytes.replaceSubrange((third + 8)..<(third + 12), with: [0xFF, 0xFF, 0xFF, 0x7F])
        try Data(bytes).write(to: folder.appending(path: "line.pcap"))
        let (found, frames) = try read(folder)
        #expect(found.count >= 2 && found.count < 6 && messages.contains(found[0]))
        #expect(frames.damage?.code == .damaged)
        #expect(frames.damage?.message.contains("line.pcap: after 2 packets") == true)
    }

    /// A pipe is not waited for; a capture that cannot be read is damage, not a remark.
    @Test(arguments: ["compressed", "unreadable"])
    func whatMayBeACaptureAndCannotBeReadIsDamage(_ kind: String) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = folder.appending(path: "b.pipe").path
        #expect(mkfifo(pipe, 0o600) == 0)
        let other = folder.appending(path: "c.pcap")
        if kind == "compressed" {
            try Data([0x1F, 0x8B, 8, 0]).write(to: other)
        } else {
            // A regular file that even root cannot read: nothing is mapped at 0.
            try FileManager.default.createSymbolicLink(atPath: other.path, withDestinationPath: "/proc/self/mem")
        }
        let (found, frames) = try read(folder)
        #expect(found == messages)
        #expect(frames.damage?.code == (kind == "compressed" ? .compressed : .notReadable))
        #expect(frames.damage?.message.contains("c.pcap") == true)
        #expect(frames.notes.contains { $0.contains("b.pipe was left out: it is no regular file") })
        // It shows in the exit code: a source that failed, and a replay's report that says so.
        let source = try CaptureFrameSource(path: folder.path)
        while source.next(deadline: nil).element != nil {}
        #expect(source.failure == frames.damage?.message && source.counters.total.frames == 6)
        // With nothing beside it, it is named too.
        for name in ["line.pcap", "line.pcap2", "a.pcapng"] {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
        let alone = #expect(throws: CaptureError.self) { _ = try read(folder) }
        #expect(alone?.message.contains("c.pcap") == true)
    }

    @Test func aFolderWithoutCapturesIsRefused() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "series-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let empty = #expect(throws: CaptureError.self) { _ = try read(folder) }
        #expect(empty?.code == .empty && empty?.message.contains("holds no capture with a packet") == true)
        let followed = #expect(throws: CaptureError.self) {
            _ = try CaptureFrames(path: folder.path, limits: CaptureLimits(), following: CaptureFollowing())
        }
        #expect(followed?.message.contains("expected one file to follow") == true)
    }
}
