import IMRNet
public import Inspection

/// The paper's ablations: one setting varied, A_p and A_f fused, everything else as it is.
public enum Sweep: String, Sendable, CaseIterable {
    /// Table 4: how centres are chosen.
    case sampling
    /// Figure 5.
    case maskRatio = "mask-ratio"
    /// Supplement, S4.
    case iterations
    /// Supplement, S4.
    case patchSize = "patch-size"

    /// One value of the setting.
    public struct Step: Sendable {
        /// As tables and rows name it.
        public var name: String
        /// The paper's I-AUROC and P-AUROC for it, where its text gives them.
        public var published: (part: Double, point: Double)?
        /// Whether the paper finds it best.
        public var isPublishedBest: Bool
        var change: @Sendable (inout ScoringSettings) -> Void

        /// Sets it, and leaves the network's two channels only.
        public func apply(to settings: inout ScoringSettings) {
            settings.channels = [.reconstruction, .feature]
            change(&settings)
        }
    }

    public var steps: [Step] {
        switch self {
        case .sampling:
            [
                step("random", (0.55, 0.61)) { $0.centers = .random },
                step("farthest-point", (0.64, 0.62)) { $0.centers = .farthestPoint },
                step("voxel", (0.62, 0.55)) { $0.centers = .voxel },
                step("geometry-aware", (0.66, 0.65), best: true) { $0.centers = .geometryAware },
            ]
        case .maskRatio:
            [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8].map { ratio in
                step("\(ratio)", ratio == 0.4 ? (0.66, 0.65) : nil, best: ratio == 0.4) { $0.maskRatio = ratio }
            }
        case .iterations:
            (1...6).map { count in
                step("\(count)", count == 3 ? (0.66, 0.65) : nil, best: count == 3) { $0.iterations = count }
            }
        case .patchSize:
            [32, 48, 64, 96, 128].map { size in
                step("\(size)", size == 64 ? (0.66, 0.65) : nil, best: size == 64) { $0.patchSize = size }
            }
        }
    }

    private func step(
        _ name: String, _ published: (Double, Double)?, best: Bool = false,
        _ change: @escaping @Sendable (inout ScoringSettings) -> Void
    ) -> Step {
        Step(
            name: name, published: published.map { (part: $0.0, point: $0.1) }, isPublishedBest: best, change: change)
    }

    /// Label of a step's method, and so of its rows.
    public func label(_ step: Step) -> String { "\(rawValue)-\(step.name)" }

    /// Its table, from a summary that holds its rows.
    public func markdown(_ summary: EvaluationSummary) -> String {
        var lines = [[rawValue, "I-AUROC", "P-AUROC", "I-AP", "P-AP", "paper's I-AUROC", "paper's P-AUROC"]]
        for step in steps {
            guard let row = summary.rows.first(where: { $0.name == label(step) }) else { continue }
            lines.append(
                [step.name + (step.isPublishedBest ? " (the paper's best)" : "")]
                    + [Metric.partAUROC, .pointAUROC, .partAP, .pointAP].map { EvaluationText.estimate(row.mean[$0]) }
                    + [EvaluationText.number(step.published?.part, 2), EvaluationText.number(step.published?.point, 2)])
        }
        return EvaluationText.table(lines) + "\n"
    }
}
