/// How a part type is taught.
public struct TeachingOptions: Sendable, Codable, Equatable {
    /// Fine-tuning steps; 0 keeps the backbone as it is.
    public var steps = 300
    public var batch = 4
    public var learningRate: Float = 5e-4
    /// What the network's head learns at, as a share of the learning rate.
    public var headShare: Float = 1
    /// Largest norm of all gradients of a step together; `nil` leaves them as they are.
    public var gradientLimit: Float? = 10
    /// Fresh resamplings of each good part for the calibration.
    public var resamplings = 3
    /// Share of a good part's points that a resampling keeps.
    public var keptShare = 0.85
    public var seed: UInt64 = 2024
    public var scoring = ScoringSettings()
    public var fusion = Fusion()
    /// Share of good parts that the threshold may reject: above 0, below 0.5.
    public var falseRejects = 0.01
    /// Synthetic defects for each kind and size of the detection curve; 0 makes none.
    public var detectionTrials = 0
    /// Look whether the good parts are scans from one side each, and teach them as such (`ScoringSettings.coverage`). Off
    /// unless asked for: good scans of a whole part that is open to one side would be taken for views of it.
    public var detectsViews = false

    public init() {}

    /// Options from before a setting existed were those of its default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.update(&steps, .steps)
        try values.update(&batch, .batch)
        try values.update(&learningRate, .learningRate)
        try values.update(&headShare, .headShare)
        gradientLimit = try values.decodeIfPresent(Float.self, forKey: .gradientLimit)
        try values.update(&resamplings, .resamplings)
        try values.update(&keptShare, .keptShare)
        try values.update(&seed, .seed)
        try values.update(&scoring, .scoring)
        try values.update(&fusion, .fusion)
        try values.update(&falseRejects, .falseRejects)
        try values.update(&detectionTrials, .detectionTrials)
        try values.update(&detectsViews, .detectsViews)
    }

    public init(profile: Profile) {
        guard profile == .paper else { return }
        scoring = .paper
        fusion = .paper
    }
}

/// What teaching is doing, for a progress display.
public enum TeachingProgress: Sendable {
    /// Good part `index` of `count` brought into the taught frame.
    case registered(index: Int, count: Int, fitness: Double, rmse: Double)
    /// Fine-tuning: losses of the latest step and of the latest validation on the held-out part.
    case fineTuning(step: Int, steps: Int, loss: Float, validationLoss: Float?)
    /// Leave-one-out scoring.
    case calibrating(run: Int, runs: Int)
    /// Scoring good parts with synthetic defects on them.
    case detecting(run: Int, runs: Int)
}

/// Teaching was refused; the message says what was expected, what was found, and what to do.
public struct TeachingError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        case tooFewParts, tooFewPoints, notAlike
    }

    public let code: Code
    public let description: String
}
