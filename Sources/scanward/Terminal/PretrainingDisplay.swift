import Foundation
import IMRNet

/// Shows a pretraining as it goes: rate, time left, the losses.
final class PretrainingDisplay {
    private let start = ContinuousClock.now
    private let line: ProgressLine
    private var loss: Float?
    private var validation: Float?

    /// - Parameter first: steps done before this run.
    init(steps: Int, from first: Int) {
        line = ProgressLine("pretrain: step", total: steps, from: first, isLogged: true)
    }

    func show(_ progress: Pretraining.Progress) {
        // Single batches scatter by half: shown is a running mean.
        loss = loss.map { $0 + 0.05 * (progress.loss - $0) } ?? progress.loss
        validation = progress.validationLoss ?? validation
        let held = validation.map { String(format: ", held-out %.3e", $0) } ?? ""
        line.update(progress.step, note: String(format: "loss %.3e", loss ?? 0) + held)
    }

    func finish(_ outcome: Pretraining.Outcome, folder: String) {
        Terminal.endStatus()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        Terminal.output(
            String(
                format: "held-out loss %.4e after step %d of %d, %.0f s; weights in %@", outcome.validationLoss,
                outcome.bestStep, outcome.steps, seconds, "\(folder)/\(PretrainingFolder.weightsName)"))
    }
}
