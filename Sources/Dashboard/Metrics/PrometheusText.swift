/// Names and values of labels, in the order given.
struct MetricLabels: Hashable, Comparable, Sendable {
    private var names: [String] = []
    private var values: [String] = []

    init(_ dimensions: [(String, String)]) {
        names = dimensions.map(\.0)
        values = dimensions.map(\.1)
    }

    func with(_ name: String, _ value: String) -> MetricLabels {
        var labels = self
        labels.names.append(name)
        labels.values.append(value)
        return labels
    }

    /// `{name="value",...}`; nothing where there are none.
    var text: String {
        guard !names.isEmpty else { return "" }
        return "{" + zip(names, values).map { "\($0)=\"\(PrometheusText.value($1))\"" }.joined(separator: ",") + "}"
    }

    static func < (left: MetricLabels, right: MetricLabels) -> Bool {
        left.values.lexicographicallyPrecedes(right.values)
    }
}

/// Prometheus' text exposition format, version 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats): what it escapes, and how it writes numbers.
enum PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func help(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    /// A label's value: names from outside may hold anything.
    static func value(_ text: String) -> String { help(text).replacing("\"", with: "\\\"") }

    /// The shortest text that is read as the same number.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return String(value)
    }
}
