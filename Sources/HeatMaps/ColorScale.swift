/// Colours for local scores: a neutral grey while the surface is as taught, then pale yellow at the threshold, orange,
/// and dark red at three thresholds and beyond.
///
/// The scale is fixed relative to the threshold, so that two parts of one type can be compared by eye. From the
/// threshold on it is ColorBrewer's YlOrRd (Brewer, colorbrewer2.org), which is ordered by lightness and safe for
/// colour-blind readers; between its steps it is interpolated in OKLab.
public struct ColorScale: Sendable {
    /// The score at which colour begins to speak.
    public let threshold: Float
    /// The score from which on all is dark red: `topRatio` thresholds.
    public var top: Float { threshold * Self.topRatio }

    public static let topRatio: Float = 3
    /// Surface that the part lacks.
    public static let missing = RGB(hex: 0xC2_18_8F)
    /// A point whose score is not a number.
    public static let unscored = RGB(hex: 0x8F_A9_C4)
    /// A point with score 0.
    public static let good = RGB(hex: 0xC4_C9_CF)

    /// - Parameter threshold: where it is not a positive number, 1 is taken in its place.
    public init(threshold: Float) {
        self.threshold = threshold.isFinite && threshold > 0 ? threshold : 1
    }

    /// The colour of a score. Ties and order: monotone in lightness from the threshold on.
    ///
    /// - Complexity: O(1), a table look-up.
    public func color(_ score: Float) -> RGB {
        guard !score.isNaN else { return Self.unscored }
        let position = min(max(score / top, 0), 1)
        return Self.table[Int((position * Float(Self.table.count - 1)).rounded())]
    }

    /// 0 at half the threshold and below, 1 at one and a half: how much a colour should keep clear of shading.
    func emphasis(_ score: Float) -> Float {
        score.isNaN ? 0 : min(max(score / threshold - 0.5, 0), 1)
    }

    /// Position (score / threshold) and colour of the control points.
    private static let stops: [(ratio: Float, color: RGB)] = [
        (0, good), (0.55, RGB(hex: 0xCB_CD_CD)), (1, RGB(hex: 0xFE_D9_76)), (1.35, RGB(hex: 0xFE_B2_4C)),
        (1.7, RGB(hex: 0xFD_8D_3C)), (2, RGB(hex: 0xFC_4E_2A)), (2.35, RGB(hex: 0xE3_1A_1C)),
        (2.7, RGB(hex: 0xBD_00_26)), (topRatio, RGB(hex: 0x80_00_26)),
    ]

    private static let table: [RGB] = {
        let labs = stops.map { OKLab.fromRGB($0.color) }
        let count = 769
        return (0..<count).map { index in
            let ratio = Float(index) / Float(count - 1) * topRatio
            let upper = stops.firstIndex { $0.ratio >= ratio } ?? stops.count - 1
            guard upper > 0 else { return stops[0].color }
            let lower = stops[upper - 1].ratio
            let share = (ratio - lower) / (stops[upper].ratio - lower)
            return OKLab.toRGB(labs[upper - 1] + (labs[upper] - labs[upper - 1]) * share)
        }
    }()
}
