public import Inspection
public import ParallelLoops

/// All that a heat map shows of one part. Texts come from outside: any characters, any length.
public struct HeatMapInput: Sendable {
    public var partID: String
    public var partType: String
    /// As in the verdict: `ok`, `not_ok`, `not_decidable`, `undefined`.
    public var evaluation: String
    /// A few words on where the part comes from: line, station, source, time. May be empty.
    public var origin: String
    /// Why the evaluation is as it is, one sentence each.
    public var reasons: [String]
    /// Name of the frame in which the coordinates are; may be empty.
    public var frameID: String
    /// To be added to all coordinates, in mm: of a part far from its file's own origin.
    public var coordinateOrigin = SIMD3<Double>.zero
    public var map: ScoreMap
    /// By descending peak.
    public var regions: [Region]
    /// The part's score, and the threshold above which it fails.
    public var score: Float
    public var threshold: Float
    /// The part's score in each channel.
    public var channelScores: [Channel: Float]
    /// Local score at which colour begins: the threshold for regions. `threshold` where it is nil.
    public var localThreshold: Float?

    public init(
        partID: String, partType: String, evaluation: String, origin: String = "", reasons: [String] = [],
        frameID: String = "", map: ScoreMap, regions: [Region], score: Float, threshold: Float,
        channelScores: [Channel: Float] = [:], localThreshold: Float? = nil
    ) {
        self.partID = partID
        self.partType = partType
        self.evaluation = evaluation
        self.origin = origin
        self.reasons = reasons
        self.frameID = frameID
        self.map = map
        self.regions = regions
        self.score = score
        self.threshold = threshold
        self.channelScores = channelScores
        self.localThreshold = localThreshold
    }

    /// The colours of this part's local scores.
    public var colorScale: ColorScale { ColorScale(threshold: localThreshold ?? threshold) }

    /// The heat map as a picture, 1500 x 640 pixels: the part as seen facing its first region, the region close up, the
    /// part from the opposite side and from above, with the regions' boxes, a scale and the verdict.
    ///
    /// Never fails: an empty map gives a picture that says so. The same input gives the same bytes on any number of
    /// workers.
    public func png(workers: Workers = .all) -> [UInt8] {
        let image = HeatMapPicture.draw(self, workers: workers)
        return PNG.encode(image.pixels, width: image.width, height: image.height)
    }
}

extension HeatMapInput {
    /// A place in the part's own coordinates, as it is printed.
    func place(_ point: SIMD3<Float>) -> String {
        NumberText.place(SIMD3<Float>(SIMD3<Double>(point) + coordinateOrigin))
    }
}
