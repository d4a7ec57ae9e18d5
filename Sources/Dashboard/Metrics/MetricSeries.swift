import CoreMetrics
import Synchronization

/// The numbers of one set of label values: a value, and for a histogram its buckets.
final class MetricSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    private struct State {
        var value = 0.0
        var count: UInt64 = 0
        /// Not cumulative; one more than there are bounds.
        var buckets: [UInt64]
    }

    /// Nil for what is no histogram.
    private let bounds: [Double]?
    private let state: Mutex<State>

    init(bounds: [Double]?) {
        self.bounds = bounds
        state = Mutex(State(buckets: [UInt64](repeating: 0, count: (bounds?.count ?? -1) + 1)))
    }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) { state.withLock { $0.value += amount } }

    func decrement(by amount: Double) { state.withLock { $0.value -= amount } }

    func reset() {
        state.withLock { $0 = State(buckets: [UInt64](repeating: 0, count: $0.buckets.count)) }
    }

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) { state.withLock { $0.value = value } }

    func record(_ value: Int64) { record(Double(value)) }

    /// A histogram counts it; a gauge has it from now on.
    func record(_ value: Double) {
        guard let bounds else { return set(value) }
        guard !value.isNaN else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.buckets[bucket] += 1
            state.count += 1
            state.value += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func write(_ name: String, _ labels: MetricLabels, to text: inout String) {
        let state = state.withLock { $0 }
        guard let bounds else {
            text += "\(name)\(labels.text) \(PrometheusText.number(state.value))\n"
            return
        }
        var sum: UInt64 = 0
        for (bound, count) in zip(bounds, state.buckets) {
            sum += count
            text += "\(name)_bucket\(labels.with("le", PrometheusText.number(bound)).text) \(sum)\n"
        }
        text += "\(name)_bucket\(labels.with("le", "+Inf").text) \(state.count)\n"
        text += "\(name)_sum\(labels.text) \(PrometheusText.number(state.value))\n"
        text += "\(name)_count\(labels.text) \(state.count)\n"
    }
}
