/// Whether the pose that a registration found can be relied on, and what it leaves open.
public struct RegistrationQuality: Sendable, Equatable {
    /// What the pose is worth.
    public enum Verdict: String, Sendable, CaseIterable {
        /// The part fits, in this pose only.
        case reliable
        /// The part fits, in other poses just as well: see `alternatives`, `freeMotions` and `isInspectable`.
        case ambiguous
        /// The part does not fit: another shape, too much of it missing or added, too small an overlap, or not found.
        case poor
        /// Too few points, or without extent: nothing was tried.
        case tooFewPoints
    }

    /// A motion by which the part slides over the template without resistance (Gelfand and Guibas 2004, "Shape
    /// segmentation using local slippage analysis").
    public struct FreeMotion: Sendable, Equatable {
        /// The motion's form.
        public enum Kind: String, Sendable, CaseIterable {
            case rotation, translation
            /// A turn with an advance along its axis.
            case screw
        }

        public var kind: Kind
        /// Unit vector along the axis or the shift, in the template's frame; of either sign.
        public var direction: SIMD3<Double>
        /// A point on the axis, mm, in the template's frame; of a translation the part's centroid.
        public var center: SIMD3<Double>
        /// Advance along the axis in mm a radian; 0 unless a screw.
        public var pitch: Double
        /// Eigenvalue of the point-to-plane normal equations in this direction as a share of their mean: 0 slides
        /// freely.
        public var stiffness: Double
        /// The whole template slides into itself, as a bottle turned about its axis: deviations from it are the same in
        /// every such pose. A plane shifted along itself does not: its border moves.
        public var keepsSurface: Bool
    }

    /// Another pose that fits as well.
    public struct Alternative: Sendable, Equatable {
        /// Source -> target.
        public var transform: RigidTransform
        /// Share of a sample of the part's points that fit, 0 to 1.
        public var fitness: Double
        /// In mm.
        public var rmse: Double
        /// The motion between the two poses takes the template into itself: a symmetric part.
        public var keepsSurface: Bool
    }

    /// In one word.
    public var verdict: Verdict
    /// Within which a point counted as fitting, mm.
    public var inlierDistance: Double
    /// Root mean square distance of the fitting points to the template's planes as a share of that.
    public var relativeRmse: Double
    /// Share of the template near a point of the part, 0 to 1: a scan from one side covers about half.
    public var coverage: Double
    /// At most 6.
    public var freeMotions: [FreeMotion]
    /// At most 4; poses along a free motion may be among them.
    public var alternatives: [Alternative]

    /// Deviations from the template can be trusted: the pose is reliable, or all the poses in question are the same to
    /// the template because it is symmetric.
    ///
    /// Even then a place on the part is not the same place on the template: what is compared there with tolerances
    /// learnt from other parts must be symmetric, too.
    public var isInspectable: Bool {
        switch verdict {
        case .reliable: true
        case .ambiguous: freeMotions.allSatisfy(\.keepsSurface) && alternatives.allSatisfy(\.keepsSurface)
        case .poor, .tooFewPoints: false
        }
    }

    /// For the user: what was found, and what to do.
    public var explanation: String {
        switch verdict {
        case .reliable: return "The part was found on the template."
        case .tooFewPoints:
            return "Too few points to register, or all in one place: check the scan and the template."
        case .poor:
            return
                "The part does not fit the template: another part, another unit, or a scan that covers too little."
        case .ambiguous:
            let how = freeMotions.map(Self.describe) + (alternatives.isEmpty ? [] : ["it fits in other poses as well"])
            let end =
                isInspectable
                ? "The template is symmetric, so deviations from it can be trusted."
                : "Deviations depend on the pose: give a starting pose, or a scan that shows more of the part."
            return "The pose is not unique: \(how.joined(separator: ", ")). \(end)"
        }
    }

    private static func describe(_ motion: FreeMotion) -> String {
        func number(_ value: Double) -> String {
            let rounded = (value * 100).rounded() / 100
            return "\(rounded == 0 ? 0 : rounded)"
        }
        func vector(_ v: SIMD3<Double>) -> String { "(\(number(v.x)), \(number(v.y)), \(number(v.z)))" }
        switch motion.kind {
        case .rotation: return "it turns freely about the axis \(vector(motion.direction))"
        case .translation: return "it slides freely along \(vector(motion.direction))"
        case .screw: return "it screws freely along \(vector(motion.direction))"
        }
    }
}
