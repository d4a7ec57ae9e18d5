import AnomalySynthesis
import Evaluation
import Foundation
import PointCloudFiles
import PointClouds

/// A data set's files on disk.
struct DatasetFiles: Sendable {
    let root: URL
    let layout: DatasetLayout
    /// From file units to mm.
    let scale: Float
    /// By class and sample; empty without a manifest.
    private let samples: [String: DatasetManifest.Sample]
    let notes: [String]

    /// A cloud in mm, relative to the origin.
    struct Cloud: Sendable {
        var points: [SIMD3<Float>]
        var origin: SIMD3<Double>
        var digest: String
    }

    init(_ path: String, scale: Float) throws {
        root = URL(filePath: path)
        self.scale = scale
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw Failure("expected a data set's folder at \(path), found none")
        }
        // Below the folder itself, so that a link to a data set is one too.
        let base = root.resolvingSymlinksInPath()
        let files = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        layout = DatasetLayout(paths: files.sorted(), rootName: base.lastPathComponent)
        guard !layout.classes.isEmpty else {
            throw Failure(
                "expected classes with train and test folders below \(path), found none"
                    + layout.notes.prefix(3).map { "; \($0)" }.joined())
        }
        var samples: [String: DatasetManifest.Sample] = [:], notes = layout.notes
        let manifests = files.filter { ($0 as NSString).lastPathComponent == DatasetManifest.fileName }.sorted()
        let beside = base.deletingLastPathComponent().appending(path: DatasetManifest.fileName).path
        for file in manifests.map({ base.appending(path: $0).path }) + (manifests.isEmpty ? [beside] : []) {
            guard let data = FileManager.default.contents(atPath: file) else { continue }
            guard let manifest = Self.manifest(data) else {
                if file != beside { notes.append("\(file): not a manifest of \(DatasetManifest.schemaName): not used") }
                continue
            }
            for partClass in manifest.classes {
                for sample in partClass.samples { samples["\(partClass.name)/\(sample.name)"] = sample }
            }
        }
        self.samples = samples
        self.notes = notes
    }

    private static func manifest(_ data: Data) -> DatasetManifest? {
        let decoder = JSONDecoder()
        // Names of either style: `anomalousPoints` and `anomalous_points`.
        decoder.keyDecodingStrategy = .custom { path in
            let words = path[path.count - 1].stringValue.split(separator: "_")
            let rest = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
            return ManifestKey(stringValue: ((words.first ?? "") + rest).replacing("Sha256", with: "SHA256"))
        }
        guard let manifest = try? decoder.decode(DatasetManifest.self, from: data),
            manifest.schema == DatasetManifest.schemaName
        else { return nil }
        return manifest
    }

    func url(_ path: String) -> URL { root.appending(path: path) }

    func cloud(_ path: String) throws -> Cloud {
        let loaded = try CloudFiles.load(url(path))
        return Cloud(points: loaded.points.map { $0 * scale }, origin: loaded.origin, digest: loaded.sha256)
    }

    /// The labels of a test part. A ground truth that does not fit is an error: the part counts for parts, not for points.
    func truth(of sample: DatasetLayout.TestSample, _ cloud: Cloud) throws -> GroundTruth? {
        guard sample.isBad else { return GroundTruth(good: cloud.points) }
        guard let path = sample.labels else { return nil }
        do {
            let rows = try PointCloudFile.read(try fileBytes(url(path).path), format: .xyz, origin: cloud.origin)
            guard let values = rows.intensities else {
                throw Failure("expected four values in a line (x y z label), found another number")
            }
            return try GroundTruth(cloud.points, rows: rows.points.map { $0 * scale }, values: values)
        } catch {
            throw Failure("\(path): \(error): \(sample.name) counts for parts, not for points")
        }
    }

    /// What the manifest tells of a defect, in the cloud's frame and mm.
    func defect(
        of sample: DatasetLayout.TestSample, in partClass: String, _ cloud: Cloud
    ) -> (center: SIMD3<Float>, size: Double, depth: Double)? {
        guard let defect = samples["\(partClass)/\(sample.name)"]?.defect, defect.center.count == 3 else { return nil }
        let center = SIMD3(defect.center[0], defect.center[1], defect.center[2]) - cloud.origin
        return (SIMD3<Float>(center) * scale, defect.size * Double(scale), defect.depth * Double(scale))
    }

    /// Digest of all that a class's result can depend on: names and bytes of its files, and the manifest's word on them.
    func digest(_ partClass: DatasetLayout.PartClass) throws -> String {
        let paths = partClass.training + partClass.test.flatMap { [$0.path] + ($0.labels.map { [$0] } ?? []) }
        var text = "\(partClass.name) \(scale)\n"
        for path in paths { text += "\(path) \(sha256(try fileBytes(url(path).path)))\n" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        for sample in partClass.test {
            guard let known = samples["\(partClass.name)/\(sample.name)"] else { continue }
            text += String(decoding: try encoder.encode(known), as: UTF8.self)
        }
        return sha256(Array(text.utf8))
    }
}

private struct ManifestKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
