import Foundation
import HeatMaps
import Inspection
import ParallelLoops

/// Writes the pictures of parts that are not ok: a PNG and a PLY for each, and one page of them all.
final class HeatMapWriter {
    private let folder: URL
    private let workers: Workers
    private var entries: [HeatMapPage.Entry] = []
    private var written = 0
    /// Entries kept for the page: it embeds its pictures, and must stay small enough to open.
    private static let maximumEntries = 100

    init(folder: URL, workers: Workers) throws {
        self.folder = folder
        self.workers = workers
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw Failure("heat maps cannot be written to \(folder.path): \(error.localizedDescription)")
        }
    }

    /// Where the PLY of a part goes, for its verdict; nil for a part that is ok or has no map.
    static func address(of judgement: PartJudge.Judgement, in folder: URL) -> String? {
        guard judgement.verdict.evaluation == .notOK, judgement.map != nil else { return nil }
        return folder.appending(path: name(of: judgement.verdict) + ".ply").absoluteString
    }

    /// Writes a part's PNG and PLY; nothing for a part that is ok or has no map.
    func write(_ judgement: PartJudge.Judgement) throws {
        let verdict = judgement.verdict
        guard verdict.evaluation == .notOK, let map = judgement.map else { return }
        let threshold = Float(verdict.threshold ?? 0)
        var heatMap = HeatMapInput(
            partID: verdict.partID, partType: verdict.partType ?? "", evaluation: verdict.evaluation.rawValue,
            origin: "\(verdict.line)/\(verdict.station), \(verdict.source)", reasons: verdict.reasons.map(\.message),
            frameID: verdict.source, map: map, regions: judgement.regions, score: Float(verdict.score ?? 0),
            threshold: threshold, channelScores: judgement.channelScores)
        heatMap.coordinateOrigin = judgement.coordinateOrigin
        let name = Self.name(of: verdict)
        let png = heatMap.png(workers: workers)
        let ply = folder.appending(path: name + ".ply")
        do {
            try Data(png).write(to: folder.appending(path: name + ".png"), options: .atomic)
            try Data(heatMap.ply()).write(to: ply, options: .atomic)
        } catch {
            throw Failure(
                "the heat map of part \(printable(verdict.partID)) was not written: \(error.localizedDescription)")
        }
        written += 1
        // The page shows the picture and the regions: the map itself need not be kept.
        heatMap.map = ScoreMap(points: [], partPointCount: 0, fused: [], channels: [:], deviations: [])
        if entries.count < Self.maximumEntries { entries.append(.init(heatMap: heatMap, png: png)) }
    }

    /// Writes the page.
    ///
    /// - Returns: its path; nil if no part was written.
    func finish() throws -> String? {
        guard written > 0 else { return nil }
        let page = folder.appending(path: "index.html")
        let note =
            "\(written) part\(written == 1 ? "" : "s") not ok"
            + (written > entries.count ? "; the first \(entries.count) are shown, the others lie beside this page" : "")
        let html = HeatMapPage.html(title: "Scanward heat maps", note: note, entries: entries)
        do {
            try Data(html.utf8).write(to: page, options: .atomic)
        } catch {
            throw Failure("the page of heat maps was not written to \(page.path): \(error.localizedDescription)")
        }
        return page.path
    }

    /// The part's id and the beginning of the result's. A part id may hold anything: only what is harmless in a file name
    /// stays.
    static func name(of verdict: Verdict) -> String {
        let kept = verdict.partID.prefix(64).map { character in
            character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
                ? character : "_"
        }
        let name = String(kept)
        return (name.hasPrefix(".") ? "_" + name.dropFirst() : name) + "-" + verdict.resultID.prefix(8)
    }
}
