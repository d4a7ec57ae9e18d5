import Foundation
import IMRNet

/// Shows a pretraining as it goes: rate, time left, the losses.
final class PretrainingDisplay {
    private let start = ContinuousClock.now
    private let line: ProgressLine
    private var loss: Float?
    private var validation: Float?

    /// - Parameters:
    ///   - first: steps done before this run.
    ///   - isLogged: as of `ProgressLine`.
    init(steps: Int, from first: Int, isLogged: Bool) {
        line = ProgressLine("pretrain: step", total: steps, from: first, isLogged: isLogged)
    }

    func show(_ progress: Pretraining.Progress) {
        // Single batches scatter by half: shown is a running mean.
        loss = loss.map { $0 + 0.05 * (progress.loss - $0) } ?? progress.loss
        validation = progress.validationLoss ?? validation
        let held = validation.map { String(format: ", held-out %.3e", $0) } ?? ""
        line.update(progress.step, note: String(format: "loss %.3e", loss ?? 0) + held)
    }

    private struct Ended: Encodable {
        let ending: Pretraining.Ending
        let steps: Int, bestStep: Int
        let heldOutLoss: Float?
        let seconds: Double
        let weights: String
    }

    func finish(_ outcome: Pretraining.Outcome, folder: String, asJSON: Bool) throws {
        Terminal.endStatus()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard !asJSON else {
            return Terminal.output(
                try jsonLine(
                    Ended(
                        ending: outcome.ending, steps: outcome.steps, bestStep: outcome.bestStep,
                        heldOutLoss: outcome.validationLoss.isFinite ? outcome.validationLoss : nil, seconds: seconds,
                        weights: "\(folder)/\(PretrainingFolder.weightsName)")))
        }
        Terminal.output(
            String(
                format: "held-out loss %.4e after step %d of %d, %.0f s; weights in %@", outcome.validationLoss,
                outcome.bestStep, outcome.steps, seconds, "\(folder)/\(PretrainingFolder.weightsName)"))
    }
}
