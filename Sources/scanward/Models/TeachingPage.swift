import Foundation
import Inspection

/// `report.html` of a model folder: what teaching gained, and what the threshold rests on, for a person. All of it stands as
/// numbers in `manifest.json`.
struct TeachingPage {
    static let fileName = "report.html"

    private let manifest: ModelManifest

    init(_ manifest: ModelManifest) { self.manifest = manifest }

    var html: String {
        let name = Self.escaped(manifest.partType)
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(name): model \(Self.escaped(manifest.version))</title><style>\(Self.css)</style></head><body>
            <h1>\(name), taught from \(manifest.goodParts.count) good part\(manifest.goodParts.count == 1 ? "" : "s")</h1>
            <p>\(manifest.created), scanward \(manifest.scanward), profile \((manifest.profile ?? .standard).rawValue), seed \
            \(manifest.seed), backbone \(Self.escaped(manifest.backbone.name)) (\(manifest.backbone.sha256.prefix(12)))</p>
            <h2>Fine-tuning</h2>
            \(fineTuning)
            <h2>Good parts, each left out</h2>
            \(goodParts)
            <h2>Threshold</h2>
            <p><b>\(Self.number(manifest.threshold.value))</b>: \(Self.escaped(manifest.threshold.method)).</p>
            \(limits)
            \(detection)
            </body></html>

            """
    }

    private var fineTuning: String {
        let report = manifest.fineTuning
        guard report.stepsPlanned > 0 else {
            return "<p>None: the backbone as it came, held-out loss \(Self.loss(report.lossBefore)).</p>"
        }
        let change = 100 * (report.bestValidationLoss / report.lossBefore - 1)
        return """
            <table><tr><th>network</th><th>loss on the held-out part</th></tr>
            <tr><td>backbone, untaught</td><td>\(Self.loss(report.lossBefore))</td></tr>
            <tr><td>fitted, step \(report.bestStep) of \(report.steps) (\(Self.escaped(report.ending)), planned \
            \(report.stepsPlanned))</td><td>\(Self.loss(report.bestValidationLoss)) (\(String(format: "%+.1f", change)) %)</td></tr>
            </table>
            <p>l2 Chamfer distance of masked patches, in squares of the part's radius.</p>
            \(TeachingLossCurve(report: report).svg)
            <p><span class="validation">held-out part</span>, <span class="training">training parts</span>, \
            dashed: the backbone.</p>
            """
    }

    private var goodParts: String {
        let parts = manifest.fineTuning.goodParts
        let channels = Channel.allCases.filter { parts.first?.channels[$0] != nil }
        let runs = parts.reduce(0) { $0 + $1.scores.count }, rejected = parts.reduce(0) { $0 + $1.rejected }
        let header = channels.map { "<th>\($0.rawValue)</th>" }.joined()
        let rows = zip(manifest.goodParts, parts).map { source, part in
            let cells = channels.map { "<td>\(Self.range(part.channels[$0] ?? []))</td>" }.joined()
            return
                "<tr><td>\(Self.escaped(source.name))</td><td>\(source.points)</td><td>\(Self.range(part.scores))</td>"
                + "\(cells)<td>\(part.rejected)</td></tr>"
        }
        return """
            <p>\(runs - rejected) of \(runs) resamplings of good parts below the threshold. Scores by the statistics of the other \
            parts, lowest to highest of a part's resamplings; channels in standard deviations.</p>
            <table><tr><th>part</th><th>points</th><th>score</th>\(header)<th>rejected</th></tr>
            \(rows.joined(separator: "\n"))
            </table>
            """
    }

    private var limits: String {
        let changes = (manifest.thresholdChanges ?? []).map { change in
            "<li>\(change.date): \(change.kind.rawValue), \(Self.number(change.old)) to \(Self.number(change.new))"
                + (change.reason.map { ": " + Self.escaped($0) } ?? "") + "</li>"
        }
        let sentences = (manifest.threshold.limits ?? []).map { "<p>\(Self.escaped($0))</p>" }.joined(separator: "\n")
        return sentences + (changes.isEmpty ? "" : "<p>Changed since:</p><ul>\(changes.joined())</ul>")
    }

    private var detection: String {
        guard let curve = manifest.fineTuning.detection else { return "" }
        let threshold = manifest.threshold.value
        let rows = curve.kinds.map { kind in
            let cells = kind.levels.map { level in
                String(
                    format: "<td>%.2f mm: %.0f %%</td>", level.depth ?? level.size, 100 * level.found(above: threshold))
            }
            return "<tr><td>\(Self.escaped(kind.name))</td>\(cells.joined())</tr>"
        }
        return """
            <h2>Synthetic defects found</h2>
            <p>On the good parts' own scans, thinned, with noise and moved: share above the threshold by depth, of holes by \
            diameter. An unseen part scores a little higher, and real defects differ.</p>
            <table>\(rows.joined(separator: "\n"))</table>
            """
    }

    private static func range(_ values: [Double]) -> String {
        guard let lowest = values.min(), let highest = values.max() else { return "-" }
        return "\(number(lowest)) to \(number(highest))"
    }

    private static func number(_ value: Double) -> String { String(format: "%.2f", value) }
    private static func loss(_ value: Float) -> String { value.isFinite ? String(format: "%.3e", value) : "-" }

    private static func escaped(_ text: String) -> String {
        printable(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    private static let css = """
        body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: #1b2530; }
        table { border-collapse: collapse; } th, td { padding: 4px 12px; text-align: right; border-bottom: 1px solid #d9dfe5; }
        th:first-child, td:first-child { text-align: left; } svg { width: 100%; font-size: 12px; fill: #5b6773; }
        polyline { fill: none; stroke-width: 2; } circle, span.validation { fill: #0b6bb3; color: #0b6bb3; }
        polyline.validation { stroke: #0b6bb3; } polyline.training { stroke: #b56a00; } span.training { color: #b56a00; }
        .grid { stroke: #e3e8ed; } .backbone { stroke: #5b6773; stroke-dasharray: 6 4; }
        """
}
