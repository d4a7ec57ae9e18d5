/// How the line stands now, as the live page and the probes see it.
public protocol LineWatch: Sendable {
    /// A JSON object: what the live page shows beside verdicts.
    func status() -> [UInt8]

    /// Why the line is not ready, a sentence each: no model, a journal that cannot be written, scanners that were not seen or
    /// are down. Empty while it is.
    var reasonsNotReady: [String] { get }

    /// Prometheus' text of all metrics, as of now.
    func metrics() -> String
}
