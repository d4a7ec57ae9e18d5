/// How the teaching went.
public struct TeachingReport: Sendable, Codable, Equatable {
    public var steps: Int
    public var stepsPlanned: Int
    /// `finished`; `converged` where the validation loss stopped falling; `cancelled` where somebody stopped it;
    /// `diverged` where the loss was not a number. The best weights until then were taken.
    public var ending: String
    /// Validation loss of the backbone, before the first step: l2 Chamfer distance (eq. 12) of masked patches of the
    /// held-out part, in squares of the part's radius.
    public var lossBefore: Float
    /// That of the fitted network, the lowest seen.
    public var bestValidationLoss: Float
    public var bestStep: Int
    /// Validation loss on the held-out part after so many steps.
    public var validation: [Point]
    /// Mean training loss of the steps since the point before.
    public var training: [Point] = []
    /// What each good part scores where the others alone are known.
    public var goodParts: [GoodPart] = []
    /// How small a synthetic defect is found; `nil` where none was tried.
    public var detection: DetectionCurve?
    /// Numbers (from 1) of the views that lie on no other one, so that nothing confirms that they show the same part.
    public var unconfirmedViews: [Int] = []

    public struct Point: Sendable, Codable, Equatable {
        public var step: Int
        public var loss: Float

        public init(step: Int, loss: Float) {
            self.step = step
            self.loss = loss
        }
    }

    /// A good part that was left out of the calibration: by fresh resampling.
    public struct GoodPart: Sendable, Codable, Equatable {
        public var scores: [Double]
        /// Each channel alone, in standard deviations of the other parts.
        public var channels: [Channel: [Double]]
        /// Resamplings above the threshold.
        public var rejected: Int
    }

    public init(
        steps: Int, stepsPlanned: Int, ending: String, lossBefore: Float, bestValidationLoss: Float, bestStep: Int,
        validation: [Point], training: [Point]
    ) {
        self.steps = steps
        self.stepsPlanned = stepsPlanned
        self.ending = ending
        self.lossBefore = lossBefore
        self.bestValidationLoss = bestValidationLoss
        self.bestStep = bestStep
        self.validation = validation
        self.training = training
    }

    /// Reports from before training losses and good parts were kept have none.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        steps = try values.decode(Int.self, forKey: .steps)
        stepsPlanned = try values.decode(Int.self, forKey: .stepsPlanned)
        ending = try values.decode(String.self, forKey: .ending)
        lossBefore = try values.decode(Float.self, forKey: .lossBefore)
        bestValidationLoss = try values.decode(Float.self, forKey: .bestValidationLoss)
        bestStep = try values.decode(Int.self, forKey: .bestStep)
        validation = try values.decode([Point].self, forKey: .validation)
        try values.update(&training, .training)
        try values.update(&goodParts, .goodParts)
        try values.update(&unconfirmedViews, .unconfirmedViews)
        detection = try values.decodeIfPresent(DetectionCurve.self, forKey: .detection)
    }
}
