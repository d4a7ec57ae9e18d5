import Foundation

/// One line of progress with rate and time left, rewritten in place on a terminal. Elsewhere it is quiet; what takes minutes to
/// hours (`teach`, `pretrain`) writes a line every tenth of the way on request, so that a log tells of it.
final class ProgressLine {
    private let label: String
    private let total: Int
    private let first: Int
    private let start = ContinuousClock.now
    private let isLogged: Bool
    private var lastTenth = 0
    private var lastShown: ContinuousClock.Instant?

    /// - Parameters:
    ///   - first: what was done before this run, and does not count for the rate.
    ///   - isLogged: writes a line every tenth of the way where there is no terminal.
    init(_ label: String, total: Int, from first: Int = 0, isLogged: Bool = false) {
        self.label = label
        self.isLogged = isLogged
        self.first = first
        self.total = max(1, total)
        lastTenth = first * 10 / self.total
    }

    func update(_ done: Int, note: String = "") {
        let now = ContinuousClock.now
        if Terminal.isInteractive {
            // Nobody reads faster.
            if let lastShown, now - lastShown < .milliseconds(100), done < total { return }
            lastShown = now
        } else if !isLogged || done * 10 / total <= lastTenth {
            return
        }
        let seconds = (now - start) / .seconds(1)
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
        } else {
            lastTenth = done * 10 / total
            Terminal.error(text)
        }
    }

    /// Takes the line away, where it did not come to its end.
    func end() { Terminal.endStatus() }

    private func finish(_ text: String) {
        Terminal.endStatus()
        Terminal.error(text)
    }

    private static func time(_ seconds: Double) -> String {
        seconds < 90 ? String(format: "%.0f s", seconds) : String(format: "%.0f min", seconds / 60)
    }
}
