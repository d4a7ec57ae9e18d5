import CoreMetrics
import Foundation
import TestPrograms
import Testing

@testable import Dashboard

@Suite struct MetricRegistryTests {
    private static let families: [MetricDescription] = [
        .init("t_parts_total", .counter, "Parts \\ of all."),
        .init("t_depth", .gauge, "Depth."),
        .init("t_time_seconds", .histogram(bounds: [0.1, 1, 10]), "Time."),
    ]

    @Test func theTextIsPrometheus() {
        let registry = MetricRegistry(Self.families)
        Counter(label: "t_parts_total", dimensions: [("source", "a\"b\\c\nd")], factory: registry).increment(by: 3)
        Counter(label: "t_parts_total", dimensions: [("source", "a\"b\\c\nd")], factory: registry).increment()
        Gauge(label: "t_depth", factory: registry).record(2.5)
        let timer = Timer(label: "t_time_seconds", dimensions: [("stage", "x")], factory: registry)
        for nanoseconds: Int64 in [50_000_000, 100_000_000, 2_000_000_000, 60_000_000_000] {
            timer.recordNanoseconds(nanoseconds)
        }
        #expect(
            registry.text() == #"""
                # HELP t_parts_total Parts \\ of all.
                # TYPE t_parts_total counter
                t_parts_total{source="a\"b\\c\nd"} 4
                # HELP t_depth Depth.
                # TYPE t_depth gauge
                t_depth 2.5
                # HELP t_time_seconds Time.
                # TYPE t_time_seconds histogram
                t_time_seconds_bucket{stage="x",le="0.1"} 2
                t_time_seconds_bucket{stage="x",le="1"} 2
                t_time_seconds_bucket{stage="x",le="10"} 3
                t_time_seconds_bucket{stage="x",le="+Inf"} 4
                t_time_seconds_sum{stage="x"} 62.15
                t_time_seconds_count{stage="x"} 4

                """#)
    }

    @Test func whatIsDestroyedIsGone() {
        let registry = MetricRegistry(Self.families)
        Gauge(label: "t_depth", dimensions: [("a", "1")], factory: registry).record(1)
        Gauge(label: "t_depth", dimensions: [("a", "2")], factory: registry).record(1)
        Gauge(label: "t_depth", dimensions: [("a", "1")], factory: registry).destroy()
        #expect(!registry.text().contains(#"t_depth{a="1"}"#) && registry.text().contains(#"t_depth{a="2"} 1"#))
    }

    @Test func madeUpNamesDoNotFillTheMemory() {
        let registry = MetricRegistry(Self.families, maximumSeries: 10)
        // Each counts once, however often it is recorded to.
        for number in Array(0..<100) + Array(0..<100) {
            Counter(label: "t_parts_total", dimensions: [("source", "\(number)")], factory: registry).increment()
        }
        #expect(registry.text().split(separator: "\n").count { $0.hasPrefix("t_parts_total{") } == 10)
        #expect(registry.refusedSeries == 90)
    }

    @Test(arguments: [(1.0, "1"), (0.1, "0.1"), (1e300, "1e+300"), (-2.5, "-2.5"), (.infinity, "+Inf"), (.nan, "NaN")])
    func numbersAreReadAsTheSame(value: Double, text: String) { #expect(PrometheusText.number(value) == text) }
}
