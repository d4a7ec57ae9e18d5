import Foundation

/// The tables as Markdown (also what the terminal shows) and as CSV.
public struct EvaluationText: Sendable {
    public let summary: EvaluationSummary
    /// Rows from elsewhere, below ours: mean values that others published.
    public let published: [PublishedRow]

    public init(_ summary: EvaluationSummary, published: [PublishedRow] = []) {
        self.summary = summary
        self.published = published
    }

    public var markdown: String { text(summary.rows) }

    /// For a terminal: kinds and classes of each method's first row only.
    public var brief: String { text(summary.rows.filter { summary.leading.contains($0.name) }) }

    private func text(_ rows: [EvaluationSummary.Row]) -> String {
        [means, kinds, recall(rows), classes(rows), regions, undecidable, closing].filter { !$0.isEmpty }
            .joined(separator: "\n\n") + "\n"
    }

    /// One line for each row, class (`mean` for their mean) and metric.
    public var csv: String {
        var lines = ["row,class,metric,value,standard_error,from_parts,from_seeds"]
        for row in summary.rows {
            let all = row.classes.map { ($0.partClass, $0.metrics) } + [("mean", row.mean)]
            for (name, metrics) in all {
                for metric in Metric.allCases {
                    guard let value = metrics[metric] else { continue }
                    lines.append(
                        "\(row.name),\(name),\(metric.title),\(value.value),\(value.standardError),"
                            + "\(value.fromParts),\(value.fromSeeds)")
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Means over the classes, a line for each row.
    public var means: String {
        var lines = [["row"] + Metric.allCases.map(\.title) + ["recall at 0 FR", "recall", "false rejects"]]
        for row in summary.rows {
            let all = row.kinds.last
            lines.append(
                [row.name] + Metric.allCases.map { Self.estimate(row.mean[$0]) } + [
                    Self.share(all?.recallAtZeroFalseRejects), Self.share(all?.recallAtThreshold),
                    Self.share(row.falseRejects),
                ])
        }
        for row in published {
            lines.append(
                [row.name] + Metric.allCases.map { row.values[$0].map { Self.number($0, 3) } ?? "-" }
                    + ["-", "-", "-"])
        }
        let seeds = summary.seeds.map(String.init).joined(separator: ", ")
        let count = summary.rows.map(\.classes.count).max() ?? 0
        return "Means over \(count) classes, seeds \(seeds), with standard errors:\n\n" + Self.table(lines)
    }

    /// Share found above the highest good score of the class, kinds across.
    private var kinds: String {
        let names = summary.rows.first?.kinds.map(\.kind) ?? []
        guard !names.isEmpty else { return "" }
        var lines = [["found at 0 false rejects, %"] + names]
        for row in summary.rows {
            lines.append(
                [row.name]
                    + names.map { name in
                        let kind = row.kinds.first { $0.kind == name }
                        return Self.number(kind.map { $0.recallAtZeroFalseRejects.value * 100 }, 1)
                    })
        }
        return Self.table(lines)
    }

    private func recall(_ rows: [EvaluationSummary.Row]) -> String {
        rows.filter { $0.kinds.count > 0 }.map { row in
            var lines = [
                [
                    "\(row.name): kind", "parts", "found at 0 false rejects", "found at the threshold",
                    "smallest found, mm", "least depth found, mm", "deepest missed, mm",
                ]
            ]
            for kind in row.kinds {
                lines.append([
                    kind.kind, "\(kind.recallAtZeroFalseRejects.count)", Self.share(kind.recallAtZeroFalseRejects),
                    Self.share(kind.recallAtThreshold), Self.number(kind.smallestSizeFound, 1),
                    Self.number(kind.smallestDepthFound, 2), Self.number(kind.largestDepthMissed, 2),
                ])
            }
            return Self.table(lines)
        }.joined(separator: "\n\n")
    }

    private func classes(_ rows: [EvaluationSummary.Row]) -> String {
        rows.map { row in
            var lines = [["\(row.name): class", "good", "bad", "anomalous"] + Metric.allCases.map(\.title)]
            for line in row.classes {
                lines.append(
                    [
                        line.partClass, "\(line.good)", "\(line.bad)",
                        line.baseRate.map { Self.number($0 * 100, 1) + " %" } ?? "-",
                    ] + Metric.allCases.map { Self.estimate(line.metrics[$0]) })
            }
            return Self.table(lines)
        }.joined(separator: "\n\n")
    }

    private var regions: String {
        summary.regions.sorted { $0.key < $1.key }.map { method, regions in
            "Regions of \(method), of \(regions.firstInPlace.count) defects found at the threshold: the first in place "
                + "in \(Self.share(regions.firstInPlace)), any in \(Self.share(regions.anyInPlace)); median relative error "
                + "of the size \(Self.number(regions.sizeError, 2)), of the depth \(Self.number(regions.depthError, 2))."
        }.joined(separator: "\n")
    }

    private var undecidable: String {
        guard !summary.undecidable.isEmpty else { return "" }
        return "Not decidable, counted as rejected (\(summary.undecidable.count)):\n\n"
            + summary.undecidable.map {
                "* \($0.method), \($0.partClass), seed \($0.seed), \($0.part) (\($0.kind)): \($0.reason)"
            }.joined(separator: "\n")
    }

    private var closing: String {
        let times = summary.secondsPerPart.sorted { $0.key < $1.key }.map { method, seconds in
            "\(method): \(Self.number(seconds, 3)) s a part (median; one thread each, \(summary.partsAtOnce) at once; "
                + "reading excluded), taught in \(Self.number(summary.teachingSeconds[method], 1)) s a class (median)."
        }
        return (times + summary.notes.map { "* note: \($0)" } + published.map { "* \($0.name): \($0.source)" })
            .joined(separator: "\n")
    }

    static func number(_ value: Double?, _ digits: Int) -> String {
        value.map { String(format: "%.\(digits)f", $0) } ?? "-"
    }

    static func estimate(_ estimate: EvaluationSummary.Estimate?) -> String {
        estimate.map { String(format: "%.3f ±%.3f", $0.value, $0.standardError) } ?? "-"
    }

    private static func share(_ share: EvaluationSummary.Share?) -> String {
        share.map {
            String(
                format: "%.1f %% (%.1f to %.1f)", $0.value * 100, $0.interval.lower * 100, $0.interval.upper * 100)
        } ?? "-"
    }

    /// Aligned, so that it reads well as text too.
    static func table(_ lines: [[String]]) -> String {
        guard let head = lines.first else { return "" }
        let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = cells.enumerated().map { column, cell in
                let blanks = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + blanks : blanks + cell
            }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        let rule = widths.enumerated().map { String(repeating: "-", count: $1 + 1) + ($0 == 0 ? "-" : ":") }
        return ([line(head), "|" + rule.joined(separator: "|") + "|"] + lines.dropFirst().map(line))
            .joined(separator: "\n")
    }
}
