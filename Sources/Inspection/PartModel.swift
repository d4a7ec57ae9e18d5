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
