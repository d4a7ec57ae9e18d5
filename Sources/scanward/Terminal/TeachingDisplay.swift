import Foundation
import Inspection

/// Shows a teaching as it goes.
final class TeachingDisplay {
    private let partType: String
    private let isLogged: Bool
    private let start = ContinuousClock.now
    private var line: (stage: String, line: ProgressLine)?

    /// - Parameter isLogged: as of `ProgressLine`.
    init(partType: String, isLogged: Bool) {
        self.partType = partType
        self.isLogged = isLogged
    }

    func show(_ progress: TeachingProgress) {
        switch progress {
        case .registered(let index, let count, let fitness, let rmse):
            stage("register", count).update(
                index, note: String(format: "fit %.1f %%, residual %.3f mm", fitness * 100, rmse))
        case .fineTuning(let step, let steps, let loss, let validation):
            let held = validation.map { String(format: ", held-out %.5f", $0) } ?? ""
            stage("fine-tune", steps).update(step, note: String(format: "loss %.5f", loss) + held)
        case .calibrating(let run, let runs):
            stage("calibrate", runs).update(run)
        case .detecting(let run, let runs):
            stage("defects", runs).update(run)
        }
    }

    func finish(_ result: Teaching.Result, folder: String) {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let threshold = result.model.calibration.threshold
        Terminal.endStatus()
        if let sentence = Self.fineTuning(result.report) { Terminal.output("\(printable(partType)): \(sentence)") }
        Terminal.output(
            String(
                format: "%@: threshold %.2f (good parts %@), taught in %.0f s, model in %@", printable(partType),
                threshold.value, threshold.goodScores.map { String(format: "%.2f", $0) }.joined(separator: ", "),
                seconds,
                folder))
        threshold.limits?.forEach { Terminal.output("  \($0)") }
        if let curve = result.report.detection {
            Self.detection(curve, threshold: threshold.value).forEach(Terminal.output)
        }
    }

    /// One line for each kind of defect: from where on it is found.
    static func detection(_ curve: DetectionCurve, threshold: Double) -> [String] {
        curve.kinds.map { kind in
            guard let level = kind.smallest(above: threshold) else {
                let last = kind.levels.last
                return String(
                    format: "  finds: %@ not reliably, up to %.2f mm", kind.name, last?.depth ?? last?.size ?? 0)
            }
            guard let depth = level.depth else {
                return String(format: "  finds: %@ from %.1f mm across", kind.name, level.size)
            }
            return String(format: "  finds: %@ from %.2f mm (size %.1f mm)", kind.name, depth, level.size)
        }
    }

    /// What fine-tuning gained, and how it ended where that needs a word.
    static func fineTuning(_ report: TeachingReport) -> String? {
        guard report.stepsPlanned > 0 else { return nil }
        let ending =
            switch report.ending {
            case "cancelled": ", stopped by hand"
            case "diverged": ", stopped since the loss was not a number"
            case "converged": ", stopped since it no longer fell"
            default: ""
            }
        return String(
            format: "held-out loss %.3g of the backbone, %.3g fitted (%+.0f %%), at step %d of %d%@", report.lossBefore,
            report.bestValidationLoss, 100 * (report.bestValidationLoss / report.lossBefore - 1), report.bestStep,
            report.steps, ending)
    }

    private func stage(_ name: String, _ total: Int) -> ProgressLine {
        if let line, line.stage == name { return line.line }
        let next = ProgressLine("\(printable(partType)): \(name)", total: total, isLogged: isLogged)
        line = (name, next)
        return next
    }
}
