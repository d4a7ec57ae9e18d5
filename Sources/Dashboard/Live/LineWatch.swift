/// How the line stands now, as the live page and the probes see it.
public protocol LineWatch: Sendable {
    /// A JSON object: what the live page shows beside verdicts.
    func status() -> [UInt8]

    /// Why the line is not ready, a sentence each, beside the journal's: no model, no scanner that was seen. Empty while it is.
    var reasonsNotReady: [String] { get }

    /// Prometheus' text of all metrics, as of now.
    func metrics() -> String
}
