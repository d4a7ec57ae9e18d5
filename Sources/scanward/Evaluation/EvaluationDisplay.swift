import Foundation
import Synchronization

/// Shows an evaluation as it goes: what is under way, its rate, and the time left of all.
final class EvaluationDisplay: Sendable {
    private struct State {
        var label = ""
        /// Classes finished in this run, and in all with those that were stored or left out.
        var run = 0, done = 0
        /// Of the class under way, 0 to 1.
        var share = 0.0
        var parts = 0, scored = 0
        var began = ContinuousClock.now
    }

    /// Share of a class's time that teaching is taken to be, until it is done.
    private static let teaching = 0.75

    private let total: Int
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    /// - Parameter total: classes times methods times seeds.
    init(total: Int) { self.total = total }

    func begin(_ label: String) {
        state.withLock {
            $0.label = label
            $0.share = 0
        }
    }

    func taught(_ share: Double) {
        update {
            $0.share = Self.teaching * share
            return "teaching \(Int(share * 100)) %"
        }
    }

    func beginScoring(_ parts: Int) {
        update {
            ($0.parts, $0.scored, $0.began) = (parts, 0, .now)
            return "scoring"
        }
    }

    func scored() {
        update {
            $0.scored += 1
            $0.share = Self.teaching + (1 - Self.teaching) * Double($0.scored) / Double(max(1, $0.parts))
            let seconds = (ContinuousClock.now - $0.began) / .seconds(1)
            return String(
                format: "scoring %d of %d, %.1f/s", $0.scored, $0.parts, Double($0.scored) / max(seconds, 1e-9))
        }
    }

    func finish(teaching: Double, parts: Int) {
        let line = state.withLock { state in
            let seconds = (ContinuousClock.now - state.began) / .seconds(1)
            (state.run, state.done, state.share) = (state.run + 1, state.done + 1, 0)
            return String(
                format: "%@: taught in %.1f s, %d parts in %.1f s (%.1f/s); %d of %d, %@ left", state.label, teaching,
                parts, seconds, Double(parts) / max(seconds, 1e-9), state.done, total, left(state))
        }
        Terminal.endStatus()
        Terminal.error("evaluate: \(printable(line))")
    }

    /// Counts classes that need no work.
    func skip(_ count: Int, _ sentence: String?) {
        state.withLock { $0.done += count }
        guard let sentence else { return }
        Terminal.endStatus()
        Terminal.error("evaluate: \(printable(sentence))")
    }

    func end() { Terminal.endStatus() }

    private func update(_ change: (inout State) -> String) {
        let text = state.withLock { state in
            let doing = change(&state)
            let share = total > 0 ? (Double(state.done) + state.share) / Double(total) : 1
            let filled = Int(min(share, 1) * 24)
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
            return "[\(bar)] \(state.done)/\(total) \(left(state)) left  \(printable(state.label)): \(doing)"
        }
        Terminal.status(text)
    }

    private func left(_ state: State) -> String {
        let seconds = (ContinuousClock.now - start) / .seconds(1), worked = Double(state.run) + state.share
        guard worked > 0.02 else { return "?" }
        let rest = seconds / worked * max(0, Double(total - state.done) - state.share)
        return rest < 90 ? String(format: "%.0f s", rest) : String(format: "%.0f min", rest / 60)
    }
}
