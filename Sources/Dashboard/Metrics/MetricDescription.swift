/// One family of metrics, as Prometheus tells it.
public struct MetricDescription: Sendable, Equatable {
    /// What its numbers are.
    public enum Kind: Sendable, Equatable {
        /// Only grows, from 0 at the start of the process; its name ends with `_total`.
        case counter
        case gauge
        /// Counts of what was at or below each of `bounds`, ascending; recorded in the family's unit, timers in seconds.
        case histogram(bounds: [Double])

        /// The word of the text format.
        public var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// `scanward_..._UNIT`, in Prometheus' base units (seconds, bytes).
    public let name: String
    public let kind: Kind
    /// One sentence, without a line break.
    public let help: String

    public init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }
}
