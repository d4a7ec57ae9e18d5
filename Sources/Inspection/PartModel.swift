public import IMRNet

/// What `teach` makes for a part type and `run` scores with.
public struct PartModel: Sendable {
    public var partType: String
    public var network: ReconstructionNetwork
    public var template: Template
    public var calibration: Calibration
    public var settings: ScoringSettings

    public init(
        partType: String, network: ReconstructionNetwork, template: Template, calibration: Calibration,
        settings: ScoringSettings
    ) {
        self.partType = partType
        self.network = network
        self.template = template
        self.calibration = calibration
        self.settings = settings
    }
}

/// Settings of the network's channels; a model is scored with those that it was calibrated with.
public struct ScoringSettings: Sendable, Codable, Equatable {
    /// Points that the network's channels look at; larger clouds are thinned to this.
    public var sampledPoints = 8192
    public var patchCount = 256
    public var patchSize = 64
    public var iterations = 3
    public var maskRatio = 0.4
    public var seed: UInt64 = 2024

    public init() {}
}
