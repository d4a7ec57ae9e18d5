public import PointClouds

/// What `PartScorer` found.
public struct PartInspection: Sendable {
    /// `ok`, `notOK` or `notDecidable`.
    public var evaluation: Evaluation
    public var reasons: [Reason]
    /// Fused part score; `nil` where nothing could be scored.
    public var score: Float?
    public var threshold: Float
    /// Part score of each channel alone, in standard deviations of the good parts.
    public var channelScores: [Channel: Float]
    /// Empty for a part that is `ok`.
    public var regions: [Region]
    public var map: ScoreMap?
    public var receivedPoints: Int
    public var usedPoints: Int
    /// From the frame in which the part arrived to the taught one.
    public var registration: Registration?
    public var durations: StageDurations
}

/// Milliseconds spent in each stage of scoring.
public struct StageDurations: Sendable, Equatable {
    /// Neighbours, registration and sampling.
    public var sample = 0.0
    /// Network and comparison.
    public var infer = 0.0
    /// Fusion and regions.
    public var localize = 0.0
}
