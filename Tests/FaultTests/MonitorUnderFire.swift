import FrameProtocol
import Foundation
import Inspection
import TestCaptures
import TestPrograms
import Testing
import ZeroMQ

/// A running `scanward run` and a good scanner of its own connection; every frame of the latter is a part.
final class MonitorUnderFire {
    let endpoint: String
    let context: Context
    private(set) var goodFrames = 0
    private let monitor: Program
    private let good: Socket

    init() async throws {
        monitor = try Program([
            "run", "--bind", "tcp://127.0.0.1:0", "--publish", "none", "--model",
            try await QuickModel.folder(), "--part-deadline", "600", "--json",
        ])
        endpoint = try #require(await monitor.line(beginning: "frames from "))
        context = try Context()
        good = try Socket(.push, context: context, options: .frames)
        try good.connect(endpoint)
    }

    var port: UInt16 { UInt16(endpoint.split(separator: ":").last ?? "") ?? 0 }

    /// The message of a whole part in one frame; nothing scores its type, so that a verdict costs little.
    static func part(source: String, seq: UInt64) throws -> [[UInt8]] {
        var header = FrameHeader(
            source: source, session: "s1", seq: seq, partID: "\(source)-\(seq)", frameIndex: 0, endOfPart: true,
            captureNanoseconds: 1_763_961_234_000_000_000 + seq)
        header.partType = "unheard-of"
        return try FrameEncoder().encode(header, points: (0..<40).map { SIMD3(Float($0), Float($0 % 7), 1) })
    }

    func sendGoodFrame() throws {
        #expect(try good.send(Self.part(source: "good", seq: UInt64(goodFrames))))
        goodFrames += 1
    }

    /// Waits until a part is judged: everything sent before it on its connection was taken by then.
    func awaitVerdict(on partID: String) async throws {
        _ = try #require(
            await monitor.outputLine { $0.contains("\"part_id\":\"\(partID)\"") }, "the monitor ended before \(partID)")
    }

    /// What the monitor's summary says of a source.
    struct SourceCounts {
        var frames = 0, refused = 0, missing = 0
        var reasons: [String: Int] = [:]
    }

    /// Ends it after the last good frame's verdict; checks that it lost none of them.
    func finish() async throws -> [String: SourceCounts] {
        try await awaitVerdict(on: "good-\(goodFrames - 1)")
        good.close()
        #expect(monitor.isRunning)
        monitor.terminate()
        let output = await monitor.finish()
        #expect(output.status == 0, "\(output.standardError.suffix(2000))")
        let verdicts = try Verdict.decode(lines: output.standardOutput)
        let judged = verdicts.filter { $0.partID.hasPrefix("good-") && !$0.isPartial }.map(\.partID)
        #expect(Set(judged).count == goodFrames && judged.count == goodFrames, "each good part judged once, and whole")
        let sources = Self.sources(in: output.standardError)
        let good = try #require(sources["good"])
        #expect(good.frames == goodFrames && good.refused == 0 && good.missing == 0)
        return sources
    }

    /// Reads the table of the summary: a row for each source, and its refusals below it.
    private static func sources(in summary: String) -> [String: SourceCounts] {
        var sources: [String: SourceCounts] = [:]
        var current: String?
        var isTable = false
        for line in summary.split(separator: "\n") {
            if line.hasPrefix("SOURCE ") { isTable = true; continue }
            guard isTable else { continue }
            let words = line.split(separator: " ").map(String.init)
            if line.hasPrefix("    refused "), let source = current, words.count >= 3 {
                sources[source]?.reasons[words[2]] = Int(words[1].dropLast())
            } else if !line.hasPrefix("    "), words.count >= 9, let frames = Int(words[1]), let refused = Int(words[2])
            {
                current = words[0]
                sources[words[0]] = SourceCounts(frames: frames, refused: refused, missing: Int(words[4]) ?? 0)
            }
        }
        return sources
    }
}
