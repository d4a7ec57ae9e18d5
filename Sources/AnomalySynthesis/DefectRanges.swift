/// From which sizes and depths defects are drawn. Depths and widths as shares of the part's diagonal, areas as shares of its surface.
public struct DefectRanges: Sendable, Equatable {
    /// How far the surface moves: bulge, concavity, bending.
    public var depth: ClosedRange<Double>
    public var crackDepth: ClosedRange<Double>
    public var scratchDepth: ClosedRange<Double>
    public var crackWidth: ClosedRange<Double>
    public var scratchWidth: ClosedRange<Double>
    /// Share of the points that are meant to be anomalous.
    public var share: ClosedRange<Double>
    /// The same for holes, whose rims alone are, and for cracks and scratches.
    public var narrowShare: ClosedRange<Double>
    /// Share of the surface that a break takes.
    public var brokenShare: ClosedRange<Double>
    /// A sample with another share of anomalous points is drawn again.
    public var accepted: ClosedRange<Double>

    public init(_ draw: DefectDraw) {
        switch draw {
        case .standard:
            depth = 0.01...0.04
            crackDepth = 0.02...0.04
            scratchDepth = 0.01...0.02
            crackWidth = 0.008...0.016
            scratchWidth = 0.008...0.016
            share = 0.02...0.09
            narrowShare = 0.012...0.03
            brokenShare = 0.02...0.08
            accepted = 0.01...0.10
        case .hard:
            depth = 0.004...0.014
            crackDepth = 0.007...0.014
            scratchDepth = 0.004...0.008
            crackWidth = 0.007...0.012
            scratchWidth = 0.007...0.012
            share = 0.012...0.045
            narrowShare = 0.012...0.02
            brokenShare = 0.008...0.03
            accepted = 0.01...0.05
        }
    }

    /// Width of the labelled rim of holes and breaks: of the spacing, and of the diagonal, the larger.
    public static let rim = (spacings: 2.5, diagonal: 0.012)
    /// Scanner noise (standard deviation) and form variation of good parts (largest displacement), of the diagonal.
    public static let noise = 0.0002
    public static let variation = 0.0005...0.0015
}
