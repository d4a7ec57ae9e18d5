import Foundation
import Inspection
import PointCloudFiles
import PointClouds

/// Writes every scored part's map, each channel by itself, as a point cloud: for evaluation, and to look at in other tools.
///
/// Binary PLY with `x y z` in mm, `score` (fused), `deviation_mm`, and `channel_NAME` for each channel of the model. Points
/// of the part first, in arrival order; then surface that it lacks.
struct ChannelMapWriter {
    private let folder: URL

    init(folder: URL) throws {
        self.folder = folder
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw Failure("the maps cannot be written to \(folder.path): \(error.localizedDescription)")
        }
    }

    /// Nothing for a part that has no map.
    func write(_ judgement: PartJudge.Judgement) throws {
        guard let map = judgement.map else { return }
        var scalars: [(name: String, values: [Float])] = [("score", map.fused)]
        if !map.deviations.isEmpty { scalars.append(("deviation_mm", map.deviations)) }
        for channel in Channel.allCases {
            if let values = map.channels[channel] { scalars.append(("channel_\(channel.rawValue)", values)) }
        }
        let file = folder.appending(path: HeatMapWriter.name(of: judgement.verdict) + ".ply")
        do {
            let bytes = try PointCloudFile.write(
                PointCloud(points: map.points), format: .ply, encoding: .binary, attributes: .init(scalars: scalars))
            try Data(bytes).write(to: file, options: .atomic)
        } catch {
            throw Failure("the map of part \(printable(judgement.verdict.partID)) was not written: \(error)")
        }
    }
}
