import Foundation
import Inspection

/// The losses of a teaching as a drawing (SVG): logarithmic over the steps, the backbone's as a dashed line.
struct TeachingLossCurve {
    let report: TeachingReport

    private static let width = 720.0, height = 280.0, left = 64.0, right = 16.0, top = 14.0, bottom = 40.0

    /// Empty without a step that was validated.
    var svg: String {
        let validation = [TeachingReport.Point(step: 0, loss: report.lossBefore)] + report.validation
        let losses: [Double] = (validation + report.training).map { Double($0.loss) }.filter { $0.isFinite && $0 > 0 }
        guard let lowest = losses.min(), let highest = losses.max(), let last = validation.last?.step, last > 0 else {
            return ""
        }
        let bounds = (lower: log(lowest) - 0.05, upper: log(highest) + 0.05)
        func x(_ step: Int) -> Double {
            Self.left + (Self.width - Self.left - Self.right) * Double(step) / Double(last)
        }
        func y(_ loss: Double) -> Double {
            let share = (log(max(loss, lowest)) - bounds.lower) / (bounds.upper - bounds.lower)
            return Self.height - Self.bottom - (Self.height - Self.top - Self.bottom) * share
        }
        func path(_ points: [TeachingReport.Point]) -> String {
            points.filter { $0.loss.isFinite && $0.loss > 0 }
                .map { Self.number(x($0.step)) + "," + Self.number(y(Double($0.loss))) }.joined(separator: " ")
        }
        func text(_ x: Double, _ y: Double, _ anchor: String, _ text: String) -> String {
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor)\">\(text)</text>"
        }
        let ticks = [lowest, (lowest * highest).squareRoot(), highest].map { loss in
            "<line class=\"grid\" x1=\"\(Self.number(Self.left))\" x2=\"\(Self.number(Self.width - Self.right))\" "
                + "y1=\"\(Self.number(y(loss)))\" y2=\"\(Self.number(y(loss)))\"/>"
                + text(Self.left - 8, y(loss) + 4, "end", String(format: "%.2e", loss))
        }
        let steps = [0, last / 2, last].map { text(x($0), Self.height - Self.bottom + 18, "middle", String($0)) }
        let before = Self.number(y(Double(report.lossBefore)))
        return """
            <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="Loss over steps">
            \(ticks.joined(separator: "\n"))
            \(steps.joined(separator: "\n"))
            \(text((Self.left + Self.width) / 2, Self.height - 6, "middle", "step"))
            <line class="backbone" x1="\(Self.number(Self.left))" x2="\(Self.number(Self.width - Self.right))" \
            y1="\(before)" y2="\(before)"/>
            <polyline class="training" points="\(path(report.training))"/>
            <polyline class="validation" points="\(path(validation))"/>
            <circle cx="\(Self.number(x(report.bestStep)))" cy="\(Self.number(y(Double(report.bestValidationLoss))))" r="4"/>
            </svg>
            """
    }

    private static func number(_ value: Double) -> String { String(format: "%.1f", value) }
}
