import Foundation
import Inspection
import Testing
import Threads

@testable import scanward

/// A verdict goes out whatever its picture does.
@Suite struct HeatMapDrawingTests {
    private let progress = ThreadProgress("test")

    private func judgement(_ part: Int, _ evaluation: Evaluation = .notOK) -> PartJudge.Judgement {
        let verdict = Verdict(
            epoch: "e", seq: UInt64(part), resultID: "0123456789abcdef", line: "l", station: "s", source: "a",
            session: "x",
            partID: "p\(part)", partType: nil, attempt: 1, isPartial: false, isSimulated: false, evaluation: evaluation,
            reasons: [], configHash: "h", frames: .init(received: 1, expected: nil, missed: 0, rejected: 0),
            points: .init(received: 1, used: 1),
            times: .init(firstCaptureNs: 1, lastCaptureNs: 2, receivedNs: 3, decidedNs: 4), durationsMs: .init(),
            user: nil)
        let map = ScoreMap(points: [[0, 0, 0]], partPointCount: 1, fused: [1], channels: [:], deviations: [])
        return PartJudge.Judgement(verdict: verdict, map: map, regions: [], channelScores: [:])
    }

    private func drawing(_ capacity: Int, waits: Bool = false) -> HeatMapDrawing {
        HeatMapDrawing(folder: URL(filePath: "/pictures"), capacity: capacity, waits: waits)
    }

    /// Nobody draws: whatever waited for room would wait for good.
    @Test func aFullQueueKeepsNoVerdict() {
        let drawing = drawing(2)
        var delivered: [PartJudge.Judgement] = []
        for part in 0..<6 { drawing.handOver(judgement(part), noting: progress) { delivered.append($0) } }
        drawing.handOver(judgement(6, .ok), noting: progress) { delivered.append($0) }
        #expect(delivered.map(\.verdict.partID) == (0..<7).map { "p\($0)" })
        // Those that found room say where their picture will be, and no other does.
        let named = delivered.map { $0.verdict.heatmapURI != nil }
        #expect(named == [true, true, false, false, false, false, false])
        #expect(delivered[1].verdict.heatmapURI == "file:///pictures/p1-01234567.ply")
        #expect(drawing.dropped == 4 && drawing.queue.statistics.depth == 2)
        // As soon as one is drawn, the next has room.
        _ = drawing.queue.receive(deadline: 0)
        drawing.handOver(judgement(7), noting: progress) { delivered.append($0) }
        #expect(delivered.last?.verdict.heatmapURI != nil && drawing.dropped == 4)
    }

    /// A recording's parts wait, but only once their verdict is out: here that is what makes the room.
    @Test func aRecordingWaitsBehindTheVerdict() {
        let drawing = drawing(1, waits: true)
        for part in 0..<3 {
            drawing.handOver(judgement(part), noting: progress) { judgement in
                #expect(judgement.verdict.heatmapURI != nil)
                _ = drawing.queue.receive(deadline: 0)
            }
        }
        #expect(drawing.dropped == 0 && drawing.queue.statistics.received == 2)
    }

    @Test func oneThatCannotDrawKeepsNoVerdictEither() {
        let drawing = drawing(1)
        drawing.queue.close(discarding: true)
        var names: [String?] = []
        drawing.handOver(judgement(0), noting: progress) { names.append($0.verdict.heatmapURI) }
        #expect(names == [nil])
    }
}
