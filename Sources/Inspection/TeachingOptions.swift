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

    public init() {}

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
}

/// Teaching was refused; the message says what was expected, what was found, and what to do.
public struct TeachingError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        case tooFewParts, tooFewPoints, notAlike
    }

    public let code: Code
    public let description: String
}
