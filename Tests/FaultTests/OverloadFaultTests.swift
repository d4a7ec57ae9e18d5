import Foundation
import Inspection
import PointCloudFiles
import TestPrograms
import Testing
import Threads
import ZeroMQ

/// Row 7: frames come at twice the rate at which they are scored, or faster.
@Suite(.serialized, Faults.timeLimit) struct OverloadFaultTests {
    /// Bytes beside the points of each frame, in a fourth part that is passed over: so few frames fill the buffers.
    private static let ballast = [UInt8](repeating: 7, count: 2 << 20)
    /// Of a part; its first holds the scan.
    private static let framesOfPart = 4

    private func part(_ id: String, _ cloud: [SIMD3<Float>], _ frames: inout TestFrames) throws -> [[[UInt8]]] {
        try (0..<Self.framesOfPart).map { index in
            let points = index == 0 ? cloud : Array(cloud.prefix(1))
            let message = try frames.frame(
                of: id, UInt32(index), end: index == Self.framesOfPart - 1, cloud: points, type: "mug")
            return message + [Self.ballast]
        }
    }

    /// A scan that a taught model scores.
    private func scan() throws -> [SIMD3<Float>] {
        let data = try Data(contentsOf: URL(filePath: Program.fixture("parts/mug/test/mug_01.pcd")))
        return try PointCloudFile.read([UInt8](data), format: .pcd).points
    }

    @Test func pushIsHeldBackAndMemoryStays() async throws {
        let seconds = Faults.length(3.0, full: 60.0)
        let monitor = try Program([
            "run", "--bind", "tcp://127.0.0.1:0", "--publish", "none", "--model", try await QuickModel.folder(),
            // On a quiet machine shorter than the scoring: a scanner that is not let in is not late.
            "--json", "--part-deadline", Faults.length("5", full: "0.3"),
        ])
        let endpoint = try #require(await monitor.line(beginning: "frames from "))
        let context = try Context()
        let socket = try Socket(.push, context: context, options: .frames)
        try socket.connect(endpoint)
        let cloud = try scan()
        var frames = TestFrames()
        var parts = 0, waits = 0
        func sendPart() throws {
            for message in try part("p\(parts)", cloud, &frames) {
                if try !socket.send(message, deadline: 0) {
                    waits += 1
                    #expect(try socket.send(message))
                }
            }
            parts += 1
        }
        // Until it has held the sender back for some parts its queues are filling; from then on nothing may grow.
        let start = SystemClock().now
        while waits < Faults.length(8, full: 100) { try sendPart() }
        let before = try ProcessUsage(of: monitor)
        while Faults.seconds(since: start) < seconds { try sendPart() }
        let after = try ProcessUsage(of: monitor)
        let last = "\"part_id\":\"p\(parts - 1)\""
        _ = try #require(await monitor.outputLine { $0.contains(last) })
        monitor.terminate()
        let output = await monitor.finish()
        let verdicts = try Verdict.decode(lines: output.standardOutput)
        #expect(verdicts.map(\.partID) == (0..<parts).map { "p\($0)" } && verdicts.allSatisfy { !$0.isPartial })
        let growth = after.resident - before.resident
        #expect(growth < 64 << 20)
        Faults.report(
            row: 7,
            "PUSH, \(Faults.text(seconds)): \(parts) parts of \(cloud.count) points and 8 MB, held back \(waits) times, all judged; memory "
                + "\(before.resident >> 20) MB when full, \(after.resident >> 20) MB at the end, \(after.peak >> 20) MB at most"
        )
    }

    @Test func subLosesFramesAndCountsEachOne() async throws {
        let seconds = Faults.length(2.0, full: 60.0)
        let context = try Context()
        let socket = try Socket(.xpub, context: context, options: .frames)
        let endpoint = try socket.bind("tcp://127.0.0.1:0")
        let monitor = try Program([
            "run", "--connect", endpoint, "--publish", "none", "--model", try await QuickModel.folder(), "--json",
            "--part-deadline", "3",
        ])
        // The subscription.
        _ = try socket.receive()
        let cloud = try scan()
        var frames = TestFrames()
        let start = SystemClock().now
        var parts = 0
        while Faults.seconds(since: start) < seconds {
            for message in try part("p\(parts)", cloud, &frames) { #expect(try socket.send(message)) }
            parts += 1
        }
        // What is sent from now on at ease must arrive: the number of the last frame then tells what is missing before.
        var last = 0
        let end = StopSignal()
        let waiter = Task {
            _ = await monitor.outputLine { $0.contains(#""part_id":"last-"#) && $0.contains(#""is_partial":false"#) }
            end.raise()
        }
        while !end.isRaised {
            #expect(try socket.send(frames.frame(of: "last-\(last)", 0, end: true)))
            last += 1
            end.wait(until: SystemClock().after(.milliseconds(200)))
        }
        await waiter.value
        monitor.terminate()
        let output = await monitor.finish()
        let verdicts = try Verdict.decode(lines: output.standardOutput)
        // The row of the scanner in the summary: frames, refused, gaps, missing.
        let row = try #require(
            output.standardError.split(separator: "\n").last { $0.hasPrefix("scanner-t ") && !$0.contains("down") })
        let numbers = row.split(whereSeparator: \.isWhitespace).dropFirst().compactMap { Int($0) }
        let received = numbers[0], missing = numbers[3]
        #expect(missing > 0)
        // Frames sent after the last that arrived are not known to be missing yet; they are of the last parts only.
        let sent = Int(frames.seq)
        #expect(received + missing <= sent && received + missing >= sent - last)
        for verdict in verdicts where !verdict.partID.hasPrefix("last-") {
            #expect((verdict.evaluation == .notDecidable) == (verdict.frames.received < 4), "\(verdict.partID)")
        }
        let whole = verdicts.count { !$0.isPartial && $0.partID.hasPrefix("p") }
        Faults.report(
            row: 7,
            "SUB, \(Faults.text(seconds)): \(sent) frames sent, \(received) received, \(missing) missing and counted; of \(parts) "
                + "parts \(whole) were whole and judged, the others that were seen are not_decidable")
    }
}
