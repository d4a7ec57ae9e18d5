import Foundation

/// One line of progress with rate and time left. On a terminal it is rewritten in place; elsewhere a line appears every
/// tenth of the way, so that a log stays readable.
final class ProgressLine {
    private let label: String
    private let total: Int
    private let first: Int
    private let start = ContinuousClock.now
    private var lastTenth = 0

    /// - Parameter first: what was done before this run, and does not count for the rate.
    init(_ label: String, total: Int, from first: Int = 0) {
        self.label = label
        self.first = first
        self.total = max(1, total)
        lastTenth = first * 10 / self.total
    }

    func update(_ done: Int, note: String = "") {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let rate = seconds > 0 ? Double(done - first) / seconds : 0
        let left = rate > 0 ? Double(total - done) / rate : 0
        let share = Double(done) / Double(total)
        let text = String(
            format: "%@ %d/%d %3.0f %%  %.1f/s  %@ left  %@", label, done, total, share * 100, rate, Self.time(left),
            note)
        if Terminal.isInteractive {
            let filled = Int(share * 24)
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
            Terminal.status("[\(bar)] \(text)")
            if done >= total { finish(text) }
        } else if Int(share * 10) > lastTenth {
            lastTenth = Int(share * 10)
            Terminal.error(text)
        }
    }

    private func finish(_ text: String) {
        Terminal.endStatus()
        Terminal.error(text)
    }

    private static func time(_ seconds: Double) -> String {
        seconds < 90 ? String(format: "%.0f s", seconds) : String(format: "%.0f min", seconds / 60)
    }
}
