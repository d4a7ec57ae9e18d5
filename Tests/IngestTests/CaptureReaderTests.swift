import FrameProtocol
import Foundation
import Testing

@testable import Ingest

@Suite(.timeLimit(.minutes(30))) struct CaptureReaderTests {
    private func failure(_ path: String) throws -> CaptureError? {
        do throws(CaptureError) {
            let reader = try CaptureReader(path: path)
            while try reader.next() != nil {}
            return nil
        } catch {
            return error
        }
    }

    @Test func packetsComeWithTheirTimesInNanoseconds() throws {
        var capture = CaptureBuilder()
        capture.add([[1, 2, 3]], at: 1_700_000_000_123_456_789)
        let file = try capture.write()
        let reader = try CaptureReader(path: file.path)
        // DLT_RAW, which files write as 101.
        #expect(reader.linkType == 12)
        var packets: [CapturePacket] = []
        while let packet = try reader.next() { packets.append(packet) }
        #expect(packets.count == 4 && reader.packets == 4 && reader.truncation == nil)
        #expect(packets[3].timestampNanoseconds == 1_700_000_000_123_456_789)
        #expect(packets[3].bytes.suffix(5) == [0, 3, 1, 2, 3] && packets[3].originalLength == 45)
    }

    @Test func aFileThatBreaksOffGivesWhatItHolds() throws {
        let capture = CaptureBuilder()
        let file = try capture.write(length: capture.bytes.count - 1)
        let reader = try CaptureReader(path: file.path)
        #expect(try reader.next() != nil)
        #expect(try reader.next() != nil)
        #expect(try reader.next() == nil)
        #expect(reader.truncation?.contains("breaks off after 2 packets") ?? false)
        #expect(try reader.next() == nil)
    }

    @Test func whatIsNoCaptureIsSaidSo() throws {
        #expect(try failure("/nonexistent/file.pcap")?.code == .noSuchFile)
        #expect(try failure("/")?.code == .notReadable)
        #expect(try failure(CaptureFile([]).path)?.code == .noSuchFile)
        let empty = try CaptureFile([]), text = try CaptureFile(Array("not a capture at all, but text".utf8))
        let short = try CaptureFile([0xD4, 0xC3, 0xB2, 0xA1, 2, 0]), gzip = try CaptureFile([0x1F, 0x8B, 8, 0])
        #expect(try failure(empty.path)?.code == .empty)
        #expect(try failure(short.path)?.code == .empty)
        #expect(try failure(text.path)?.code == .notACapture)
        #expect(try failure(text.path)?.message.contains("tcpdump") ?? false)
        #expect(try failure(gzip.path)?.code == .compressed)
    }

    /// Whatever the bytes after the file's header are, reading ends with packets, a truncation or an error.
    @Test func damagedFilesEnd() throws {
        var capture = CaptureBuilder()
        capture.add(try encoded(frame(0, end: true, count: 200)), at: 1_000_000_000)
        var random = SplitMix(state: 7)
        for _ in 0..<200 {
            var bytes = capture.bytes
            for _ in 0..<4 {
                bytes[24 + Int(random.next(below: UInt64(bytes.count - 24)))] = UInt8(random.next(below: 256))
            }
            let source = try CaptureFrameSource(path: CaptureFileKeeper.shared.write(bytes))
            while source.next(deadline: nil).element != nil {}
        }
    }
}

/// One file that is written again and again.
private struct CaptureFileKeeper {
    static let shared = CaptureFileKeeper()
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("ingest-\(UUID().uuidString)")

    func write(_ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: path)
        return path.path
    }
}
