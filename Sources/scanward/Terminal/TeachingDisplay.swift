import Foundation
import Inspection

/// Shows a teaching as it goes.
final class TeachingDisplay {
    private let partType: String
    private let start = ContinuousClock.now
    private var line: (stage: String, line: ProgressLine)?

    init(partType: String) { self.partType = partType }

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
        }
    }

    func finish(_ result: Teaching.Result, folder: String) {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let threshold = result.model.calibration.threshold
        Terminal.endStatus()
        Terminal.output(
            String(
                format: "%@: threshold %.2f (good parts %@), taught in %.0f s, model in %@", printable(partType),
                threshold.value, threshold.goodScores.map { String(format: "%.2f", $0) }.joined(separator: ", "),
                seconds,
                folder))
    }

    private func stage(_ name: String, _ total: Int) -> ProgressLine {
        if let line, line.stage == name { return line.line }
        let next = ProgressLine("\(printable(partType)): \(name)", total: total)
        line = (name, next)
        return next
    }
}
