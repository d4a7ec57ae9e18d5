public import IMRNet
public import PointClouds

/// Which reading of the paper a model is taught and scored by.
public enum Profile: String, Sendable, Codable, CaseIterable {
    /// What Scanward found to work best on a line (docs/architecture.md says where it leaves the paper, and why).
    case standard = "default"
    /// The literal reading: two channels, raw distances, independent masks, plain average, highest point.
    case paper
}

/// Settings of the network's channels; a model is scored with those that it was calibrated with.
public struct ScoringSettings: Sendable, Codable, Equatable {
    /// On which scale the channels' maps are compared with good parts.
    public enum Scale: String, Sendable, Codable {
        /// Logarithms: A_p and A_f of good parts spread about log-normally.
        case logarithmic
        /// As they are: the paper's.
        case raw
    }

    /// For which part of the surface the good parts' mean and spread are taken.
    public enum Statistics: String, Sendable, Codable {
        /// Place by place: an edge that is always rebuilt badly is no anomaly there.
        case byPlace
        /// Once for the whole surface: the paper's.
        case overall
    }

    /// What a scan shows of a part.
    public enum Coverage: String, Sendable, Codable {
        /// All of it, or always the same of it.
        case whole
        /// One side, another one in each scan: the taught scans are joined, and what none of them covers is not judged.
        case views
    }

    /// Names the settings as a whole.
    public var profile = Profile.standard
    /// Points that the network's channels look at; larger clouds are thinned to this.
    public var sampledPoints = 8192
    public var patchCount = 256
    public var patchSize = 64
    public var iterations = 3
    public var maskRatio = 0.4
    public var seed: UInt64 = 2024
    /// How the iterations' masks are drawn (Algorithm 1).
    public var masks = MaskSchedule.Strategy.covering
    /// How the patches' centres are chosen.
    public var centers = CenterSampling.geometryAware
    /// Geometry-aware sampling of the centres (eq. 1 to 6). A radius is in units of the unit ball.
    public var sampling = GeometryAwareSampling.Options()
    /// What enters the score. The deviation is measured in any case: regions tell it in mm.
    public var channels = Channel.allCases
    public var scale = Scale.logarithmic
    /// Neighbouring patches (the patch included) whose scores are averaged; 1 leaves them as they are. One patch in a few
    /// hundred comes out badly by chance of its mask; a defect that these channels can see spoils several that overlap.
    public var smoothedPatches = 4
    public var statistics = Statistics.byPlace
    public var descriptor = DescriptorSettings()
    /// What a scan shows of a part.
    public var coverage = Coverage.whole

    public init() {}

    /// The literal reading of the paper.
    public static var paper: ScoringSettings {
        var settings = ScoringSettings()
        settings.profile = .paper
        settings.masks = .random
        settings.sampling = .paper
        settings.channels = [.reconstruction, .feature]
        settings.scale = .raw
        settings.smoothedPatches = 1
        settings.statistics = .overall
        return settings
    }

    /// Models from before a setting existed were made with its default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        sampledPoints = try values.decode(Int.self, forKey: .sampledPoints)
        patchCount = try values.decode(Int.self, forKey: .patchCount)
        patchSize = try values.decode(Int.self, forKey: .patchSize)
        iterations = try values.decode(Int.self, forKey: .iterations)
        maskRatio = try values.decode(Double.self, forKey: .maskRatio)
        seed = try values.decode(UInt64.self, forKey: .seed)
        try values.update(&profile, .profile)
        try values.update(&masks, .masks)
        try values.update(&centers, .centers)
        try values.update(&sampling, .sampling)
        // Before there was a descriptor.
        channels = [.reconstruction, .feature, .deviation]
        try values.update(&channels, .channels)
        try values.update(&scale, .scale)
        try values.update(&smoothedPatches, .smoothedPatches)
        try values.update(&statistics, .statistics)
        try values.update(&descriptor, .descriptor)
        try values.update(&coverage, .coverage)
    }
}

extension KeyedDecodingContainer {
    /// Takes the value of `key` where there is one.
    func update<Value: Decodable>(_ value: inout Value, _ key: Key) throws {
        if let found = try decodeIfPresent(Value.self, forKey: key) { value = found }
    }
}
