public import CoreMetrics
import Synchronization

/// Keeps what is recorded through swift-metrics, and writes it in Prometheus' text format (version 0.0.4).
///
/// A family that was not described is kept as well, as an untyped one. Bounded: at most `maximumSeries` sets of label
/// values for each family; what is recorded to further ones goes nowhere, and is counted.
public final class MetricRegistry: MetricsFactory {
    private let descriptions: [String: MetricDescription]
    /// The families in the order in which they are written.
    public let families: [MetricDescription]
    private let maximumSeries: Int
    private let state = Mutex(State())

    private struct State {
        var series: [String: [MetricLabels: MetricSeries]] = [:]
        /// Hashes of the sets that found no room.
        var refused: Set<Int> = []
    }

    /// - Parameter families: each name once.
    public init(_ families: [MetricDescription], maximumSeries: Int = 512) {
        self.families = families
        self.maximumSeries = maximumSeries
        descriptions = Dictionary(uniqueKeysWithValues: families.map { ($0.name, $0) })
    }

    /// Sets of label values that found no room, each counted once, up to `mostRefused`.
    public var refusedSeries: Int { state.withLock { $0.refused.count } }

    private static let mostRefused = 100_000

    /// All that was recorded.
    ///
    /// - Complexity: O(series).
    public func text() -> String {
        let all = state.withLock { $0.series }
        var text = ""
        for family in families {
            text += "# HELP \(family.name) \(PrometheusText.help(family.help))\n"
            text += "# TYPE \(family.name) \(family.kind.name)\n"
            write(all[family.name] ?? [:], of: family.name, to: &text)
        }
        for name in all.keys.sorted() where descriptions[name] == nil {
            text += "# TYPE \(name) untyped\n"
            write(all[name] ?? [:], of: name, to: &text)
        }
        return text
    }

    private func write(_ series: [MetricLabels: MetricSeries], of name: String, to text: inout String) {
        for (labels, one) in series.sorted(by: { $0.key < $1.key }) { one.write(name, labels, to: &text) }
    }

    private func series(_ label: String, _ dimensions: [(String, String)]) -> MetricSeries {
        let labels = MetricLabels(dimensions)
        return state.withLock { state in
            if let known = state.series[label]?[labels] { return known }
            let bounds: [Double]? =
                if case .histogram(let bounds) = descriptions[label]?.kind { bounds } else { nil }
            let made = MetricSeries(bounds: bounds)
            guard (state.series[label]?.count ?? 0) < maximumSeries else {
                if state.refused.count < Self.mostRefused {
                    var hasher = Hasher()
                    hasher.combine(label)
                    hasher.combine(labels)
                    state.refused.insert(hasher.finalize())
                }
                return made
            }
            state.series[label, default: [:]][labels] = made
            return made
        }
    }

    private func remove(_ series: MetricSeries) {
        state.withLock { state in
            for (name, all) in state.series {
                for (labels, one) in all where one === series { state.series[name]?[labels] = nil }
            }
        }
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions)
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { series(label, dimensions) }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions)
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler { series(label, dimensions) }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions)
    }

    public func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }

    private func destroy(_ handler: AnyObject) {
        if let series = handler as? MetricSeries { remove(series) }
    }
}
