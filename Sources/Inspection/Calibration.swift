/// What good parts look like to each channel, and where the threshold lies.
public struct Calibration: Sendable {
    /// Of each channel that enters the score, and of the deviation in any case.
    public var statistics: [Channel: PlaceStatistics]
    public var gaps: GapLimits
    public var fusion: Fusion
    /// Part score of each channel that a good part hardly exceeds: the unit in which its map enters the fusion, so that a
    /// channel that is restless on good parts does not drown one that is calm.
    public var channelLimits: [Channel: Float]
    /// tau2 of the template regularisation: a feature farther than this from the template's is replaced by it.
    public var featureLimit: Float
    public var threshold: Threshold
    public var gate: RegistrationGate

    public init(
        statistics: [Channel: PlaceStatistics], gaps: GapLimits,
        fusion: Fusion, channelLimits: [Channel: Float], featureLimit: Float, threshold: Threshold,
        gate: RegistrationGate
    ) {
        self.statistics = statistics
        self.gaps = gaps
        self.fusion = fusion
        self.channelLimits = channelLimits
        self.featureLimit = featureLimit
        self.threshold = threshold
        self.gate = gate
    }
}

/// When a part counts as registered, and as scanned densely enough.
public struct RegistrationGate: Sendable, Codable, Equatable {
    /// Least share of a part's points within the inlier distance of the taught surface.
    public var minimumFitness: Double
    /// Least share of the template's sites that have a part point within five spacings.
    public var minimumCoverage: Double
    /// Fewest usable points.
    public var minimumPoints: Int
    /// What good parts' registrations reach; `nil` in a model from before this was kept.
    public var expectedFit: ExpectedFit?

    public init(
        minimumFitness: Double, minimumCoverage: Double, minimumPoints: Int, expectedFit: ExpectedFit? = nil
    ) {
        self.minimumFitness = minimumFitness
        self.minimumCoverage = minimumCoverage
        self.minimumPoints = minimumPoints
        self.expectedFit = expectedFit
    }
}
