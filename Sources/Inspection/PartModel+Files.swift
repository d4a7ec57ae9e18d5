import Foundation
import IMRNet
import NeuralNetwork
import PointClouds

/// A model's files do not make a model.
public struct PartModelError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
}

/// A model as files: weights and arrays as safetensors, settings as JSON.
extension PartModel {
    public static let weightsFile = "weights.safetensors"
    public static let templateFile = "template.safetensors"
    public static let calibrationFile = "calibration.safetensors"
    public static let settingsFile = "settings.json"

    private struct Settings: Codable {
        var scoring: ScoringSettings
        var fusion: Fusion
        var gate: RegistrationGate
        var featureLimit: Float
        var spacing: Float
        var radius: Float
        var center: [Float]
        var gapUnit: Float
        var channelLimits: [Channel: Float]
    }

    /// The model's files by name. The threshold is not among them: it is configuration, and stands in the manifest.
    ///
    /// - Throws: where a number is not finite, so that it cannot be written.
    public func files() throws(PartModelError) -> [String: [UInt8]] {
        let settings = Settings(
            scoring: self.settings, fusion: calibration.fusion, gate: calibration.gate,
            featureLimit: calibration.featureLimit, spacing: template.surface.spacing, radius: template.radius,
            center: [template.center.x, template.center.y, template.center.z], gapUnit: calibration.gaps.unit,
            channelLimits: calibration.channelLimits)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let encodedSettings: Data
        do {
            encodedSettings = try encoder.encode(settings)
        } catch {
            throw PartModelError(
                description: "\(Self.settingsFile): the calibration holds a number that is not finite: \(error)")
        }
        var templateTensors = SafeTensors()
        templateTensors.set("surface.points", template.surface.points)
        templateTensors.set("surface.normals", template.surface.normals)
        templateTensors.set("sites", template.sites.map { template.surface.points[Int($0)] })
        templateTensors.set("features", template.features, columns: template.featureWidth)
        templateTensors.set("feature_centers", template.featureCenters)
        if !template.views.isEmpty {
            templateTensors.set("surface.views", template.views.map(Float.init), columns: 1)
            // x, y, z, and whether it is known.
            templateTensors.set(
                "sensors",
                template.sensors.flatMap { sensor in
                    [sensor?.eye.x ?? 0, sensor?.eye.y ?? 0, sensor?.eye.z ?? 0, sensor == nil ? 0 : 1]
                }, columns: 4)
            if !template.viewGroups.isEmpty {
                templateTensors.set("views.groups", template.viewGroups.map(Float.init), columns: 1)
            }
        }
        if let bank = template.descriptors {
            templateTensors.set("descriptor.rows", bank.rows, columns: bank.width)
            templateTensors.set("descriptor.places", bank.places)
            templateTensors.set("descriptor.grid", [bank.grid], columns: 1)
        }
        var calibrationTensors = SafeTensors()
        for (channel, statistics) in calibration.statistics {
            let name = channel.rawValue
            calibrationTensors.set("\(name).anchors", statistics.anchors)
            calibrationTensors.set("\(name).means", statistics.means, columns: 1)
            calibrationTensors.set("\(name).deviations", statistics.deviations, columns: 1)
        }
        calibrationTensors.set("gaps.limits", calibration.gaps.limits, columns: 1)
        return [
            Self.weightsFile: network.tensors.encoded(as: .float32),
            Self.templateFile: templateTensors.encoded(as: .float32),
            Self.calibrationFile: calibrationTensors.encoded(as: .float32),
            Self.settingsFile: [UInt8](encodedSettings),
        ]
    }

    /// - Parameter files: as `files()` made them, their integrity checked.
    public init(partType: String, threshold: Threshold, files: [String: [UInt8]]) throws(PartModelError) {
        let settings = try Self.settings(in: files)
        let tensors = TensorFile(try Self.bytes(Self.templateFile, in: files), name: Self.templateFile)
        let calibrationTensors = TensorFile(
            try Self.bytes(Self.calibrationFile, in: files), name: Self.calibrationFile)
        let surface = ReferenceSurface(
            points: try tensors.points("surface.points"), normals: try tensors.points("surface.normals"),
            spacing: settings.spacing)
        guard surface.points.count == surface.normals.count, !surface.points.isEmpty else {
            throw PartModelError(description: "\(Self.templateFile): expected one normal for each surface point")
        }
        let sites = surface.nearestIndices(to: try tensors.points("sites"))
        let gapLimits = try calibrationTensors.values("gaps.limits")
        guard gapLimits.count == sites.count, settings.center.count == 3 else {
            throw PartModelError(
                description: "\(Self.calibrationFile): expected one gap limit for each of \(sites.count) sites")
        }
        var template = Template(
            surface: surface, sites: sites, center: SIMD3(settings.center[0], settings.center[1], settings.center[2]),
            radius: settings.radius, features: try tensors.values("features"),
            featureCenters: try tensors.points("feature_centers"),
            descriptors: settings.scoring.channels.contains(.descriptor)
                ? try tensors.descriptors(width: settings.scoring.descriptor.width) : nil,
            views: settings.scoring.coverage == .views
                ? try tensors.values("surface.views").map { Int32($0.isFinite ? min(max(0, $0), 4095) : 0) } : [])
        guard template.views.isEmpty == (settings.scoring.coverage == .whole),
            template.views.isEmpty || template.views.count == surface.points.count
        else {
            throw PartModelError(description: "\(Self.templateFile): expected a view for each surface point")
        }
        template.sensors = try tensors.sensors()
        template.viewGroups = try tensors.viewGroups(of: template.views)
        var statistics: [Channel: PlaceStatistics] = [:]
        for channel in Set(settings.scoring.channels).union([.deviation]) {
            statistics[channel] = try calibrationTensors.statistics(channel)
        }
        let calibration = Calibration(
            statistics: statistics,
            gaps: GapLimits(limits: gapLimits, unit: settings.gapUnit), fusion: settings.fusion,
            channelLimits: settings.channelLimits, featureLimit: settings.featureLimit, threshold: threshold,
            gate: settings.gate)
        let network: ReconstructionNetwork
        do {
            network = try ReconstructionNetwork(SafeTensors(decoding: try Self.bytes(Self.weightsFile, in: files)))
        } catch {
            throw PartModelError(description: "\(Self.weightsFile): \(error)")
        }
        self.init(
            partType: partType, network: network, template: template, calibration: calibration,
            settings: settings.scoring)
        try validate()
    }

    private static func settings(in files: [String: [UInt8]]) throws(PartModelError) -> Settings {
        do {
            return try JSONDecoder().decode(Settings.self, from: Data(try bytes(settingsFile, in: files)))
        } catch {
            throw PartModelError(description: "\(settingsFile) is not a model's settings: \(error)")
        }
    }

    private static func bytes(_ name: String, in files: [String: [UInt8]]) throws(PartModelError) -> [UInt8] {
        guard let bytes = files[name] else {
            throw PartModelError(description: "expected a file \(name) in the model, found \(files.keys.sorted())")
        }
        return bytes
    }
}

extension Template {
    /// F of the features' shape [G, F].
    var featureWidth: Int { featureCenters.isEmpty ? 1 : features.count / featureCenters.count }
}

extension SafeTensors {
    fileprivate mutating func set(_ name: String, _ points: [SIMD3<Float>]) {
        set(name, points.flatMap { [$0.x, $0.y, $0.z] }, columns: 3)
    }

    fileprivate mutating func set(_ name: String, _ values: [Float], columns: Int) {
        tensors[name] = Tensor(
            shape: columns == 1 ? [values.count] : [values.count / columns, columns], values: values)
    }
}
