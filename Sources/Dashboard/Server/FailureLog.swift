import HTTPTypes
import Hummingbird
import Synchronization
import Threads

/// Requests that failed here, the disk's and the journal's fault and not the client's: counted, and told to whoever reads
/// the monitor's log. The client alone would know of them otherwise.
///
/// The same failure of the same path is told once in a minute, and no more than ten of all: a page that asks each second
/// does not fill the disk. What was left out is told with the next one.
final class FailureLog: Sendable {
    /// Told in a window at most.
    static let perWindow = 10
    /// ns.
    static let window: UInt64 = 60_000_000_000
    /// Characters of a sentence.
    private static let longest = 400

    private struct State {
        var since: UInt64 = 0
        var told: Set<String> = []
        var leftOut = 0
    }

    private let state = Mutex(State())
    private let clock: any MonotonicClock
    private let report: @Sendable (_ sentence: String?) -> Void

    /// - Parameter report: is told of each failure; nil for one that is only to be counted.
    init(clock: any MonotonicClock, report: @escaping @Sendable (_ sentence: String?) -> Void) {
        self.clock = clock
        self.report = report
    }

    /// Takes note of a request that failed. One that was broken off, by its client or at the end, is no failure.
    func note(_ method: HTTPRequest.Method, _ path: String, _ error: any Error) {
        guard !(error is CancellationError) else { return }
        // The path alone: what is asked for may name parts and people, and bodies and headers have tokens.
        let sentence = Self.told("\(method.rawValue) \(path): \(error)")
        let now = clock.now
        let leftOut: Int? = state.withLock { state in
            if now >= state.since + Self.window || state.since == 0 {
                state.since = max(1, now)
                state.told = []
            }
            guard state.told.count < Self.perWindow, state.told.insert(sentence).inserted else {
                state.leftOut += 1
                return nil
            }
            defer { state.leftOut = 0 }
            return state.leftOut
        }
        report(leftOut.map { sentence + ($0 == 0 ? "" : " (and \($0) more since the one before)") })
    }

    /// On one line, not long, and without a token, whoever put it there.
    private static func told(_ text: String) -> String {
        let line = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
        let safe = line.replacing(#/swd_[A-Za-z0-9_-]+/#, with: "swd_...")
        return safe.count <= longest ? safe : safe.prefix(longest) + " ..."
    }
}
