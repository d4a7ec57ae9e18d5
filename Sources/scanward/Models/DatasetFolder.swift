import AnomalySynthesis
import Foundation
import HeatMaps
import ParallelLoops
import PointCloudFiles
import PointClouds

/// A synthesized data set on disk, in the layout of Anomaly-ShapeNet v2.
struct DatasetFolder {
    private let root: URL

    init(_ path: String) throws(Failure) {
        root = URL(filePath: path)
        try Self.makeFolder(root.appending(path: "classes"))
    }

    private static func makeFolder(_ url: URL) throws(Failure) {
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw Failure("\(url.path) cannot be made: \(error.localizedDescription)")
        }
    }

    private func put(_ bytes: [UInt8], _ url: URL) throws(Failure) {
        do {
            try Data(bytes).write(to: url, options: .atomic)
        } catch {
            throw Failure("\(url.path) cannot be written: \(error.localizedDescription)")
        }
    }

    private func folder(_ name: String) -> URL { root.appending(path: "pcd/\(name)") }

    /// What a finished class was made from: kept beside its record, so that other settings make it anew.
    private struct Record: Codable {
        var settings: String
        var part: DatasetManifest.PartClass
    }

    private static func settings(_ options: SynthesisOptions) -> String {
        "\(Version.string) \(options) \(DefectRanges(options.draw)) \(DefectRanges.noise) \(DefectRanges.variation)"
    }

    private func recordFile(_ name: String) -> URL { root.appending(path: "classes/\(name).json") }

    /// The record of a class that was made from the same mesh with the same settings, and whose files are whole.
    func finished(_ name: String, mesh: String, options: SynthesisOptions) -> DatasetManifest.PartClass? {
        guard let data = try? Data(contentsOf: recordFile(name)),
            let record = try? JSONDecoder().decode(Record.self, from: data),
            record.settings == Self.settings(options), record.part.meshSHA256 == mesh
        else { return nil }
        for sample in record.part.samples {
            guard let data = try? Data(contentsOf: cloudFile(sample, of: name)),
                let cloud = try? PointCloudFile.read([UInt8](data), format: .pcd), cloud.points.count == sample.points
            else { return nil }
            if sample.defect != nil {
                guard let labels = try? Data(contentsOf: labelFile(sample, of: name)),
                    labels.count(where: { $0 == UInt8(ascii: "\n") }) == sample.points
                else { return nil }
            }
        }
        return record.part
    }

    private func cloudFile(_ sample: DatasetManifest.Sample, of name: String) -> URL {
        folder(name).appending(path: "\(sample.isTraining ? "train" : "test")/\(sample.name).pcd")
    }

    private func labelFile(_ sample: DatasetManifest.Sample, of name: String) -> URL {
        folder(name).appending(path: "GT/\(sample.name).txt")
    }

    /// Takes away what an earlier run left of the class.
    func begin(_ name: String) throws(Failure) {
        try? FileManager.default.removeItem(at: recordFile(name))
        try? FileManager.default.removeItem(at: folder(name))
        for part in ["train", "test", "GT"] { try Self.makeFolder(folder(name).appending(path: part)) }
    }

    func write(_ sample: SynthesizedSample, of name: String) throws {
        let cloud = PointCloud(points: sample.points)
        try put(
            PointCloudFile.write(cloud, format: .pcd, encoding: .binary), cloudFile(sample.record, of: name))
        if sample.record.defect != nil {
            try put(LabelledPoints.write(sample.points, sample.isAnomalous), labelFile(sample.record, of: name))
        }
    }

    func finish(_ part: DatasetManifest.PartClass, options: SynthesisOptions) throws {
        try put(try Self.encoded(Record(settings: Self.settings(options), part: part)), recordFile(part.name))
    }

    func write(_ manifest: DatasetManifest) throws {
        try put(try Self.encoded(manifest), root.appending(path: DatasetManifest.fileName))
    }

    private static func encoded(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value)) + [UInt8(ascii: "\n")]
    }

    /// A row for each class: a good part, and the first of each kind.
    func writeContactSheet(_ manifest: DatasetManifest, workers: Workers) throws {
        var rows: [ContactSheet.Row] = []
        for part in manifest.classes {
            let good = part.samples.first { !$0.isTraining && $0.defect == nil }
            var chosen = [good ?? part.samples.first].compactMap { $0 }
            for kind in DefectKind.allCases {
                if let sample = part.samples.first(where: { $0.defect?.kind == kind }) { chosen.append(sample) }
            }
            let pictures = try chosen.map { sample in
                let cloud = try PointCloudFile.read(fileBytes(cloudFile(sample, of: part.name).path), format: .pcd)
                var labels = [Bool](repeating: false, count: cloud.points.count)
                if sample.defect != nil {
                    labels = LabelledPoints.labels(try fileBytes(labelFile(sample, of: part.name).path))
                }
                return ContactSheet.Picture(
                    caption: sample.defect?.kind.rawValue ?? part.name, points: cloud.points, isAnomalous: labels)
            }
            rows.append(ContactSheet.Row(pictures: pictures))
        }
        try put(ContactSheet.png(rows, workers: workers), root.appending(path: "contact-sheet.png"))
    }
}

/// Points with their labels as text: x,y,z,label in a line, six digits after the point.
enum LabelledPoints {
    static func write(_ points: [SIMD3<Float>], _ labels: [Bool]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(points.count * 36)
        for (point, label) in zip(points, labels) {
            for axis in 0..<3 {
                append(point[axis], to: &out)
                out.append(UInt8(ascii: ","))
            }
            out.append(UInt8(ascii: label ? "1" : "0"))
            out.append(UInt8(ascii: "\n"))
        }
        return out
    }

    /// As printf's %.6f: a Float times 10^6 is exact in Double, and rounded to even once.
    private static func append(_ value: Float, to out: inout [UInt8]) {
        let scaled = Int64((Double(value) * 1e6).rounded(.toNearestOrEven))
        if value.sign == .minus { out.append(UInt8(ascii: "-")) }
        let digits = Array(String(scaled.magnitude).utf8)
        let padded = [UInt8](repeating: UInt8(ascii: "0"), count: max(0, 7 - digits.count)) + digits
        out += padded[..<(padded.count - 6)]
        out.append(UInt8(ascii: "."))
        out += padded[(padded.count - 6)...]
    }

    static func labels(_ bytes: [UInt8]) -> [Bool] {
        var labels: [Bool] = []
        for (i, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") && i > 0 {
            labels.append(bytes[i - 1] == UInt8(ascii: "1"))
        }
        return labels
    }
}
