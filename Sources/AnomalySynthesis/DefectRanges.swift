/// From which sizes and depths defects are drawn. Depths and widths as shares of the part's diagonal, areas as shares of its surface.
public struct DefectRanges: Sendable, Equatable {
    /// How far the surface moves: bulge, concavity, bending. Drawn by the square of a uniform draw, as here are all depths: shallow
    /// ones are the more frequent.
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
            depth = 0.01...0.03
            crackDepth = 0.012...0.03
            scratchDepth = 0.01...0.015
            crackWidth = 0.006...0.012
            scratchWidth = 0.006...0.012
            share = 0.015...0.06
            narrowShare = 0.012...0.022
            brokenShare = 0.012...0.05
            accepted = 0.01...0.10
        case .hard:
            depth = 0.004...0.014
            crackDepth = 0.007...0.014
            scratchDepth = 0.006...0.010
            crackWidth = 0.006...0.010
            scratchWidth = 0.006...0.010
            share = 0.012...0.045
            narrowShare = 0.012...0.02
            brokenShare = 0.008...0.03
            accepted = 0.01...0.05
        }
    }

    /// Width of the labelled rim of holes and breaks: of the spacing, and of the diagonal, the larger.
    public static let rim = (spacings: 2.5, diagonal: 0.012)
    /// Scanner noise (standard deviation; drawn for each scan, as materials and exposures differ) and form variation of
    /// good parts (largest displacement), of the diagonal.
    public static let noise = 0.0005...0.0020
    public static let variation = 0.0005...0.0015
}
