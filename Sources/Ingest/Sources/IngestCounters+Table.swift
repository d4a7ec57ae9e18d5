import FrameProtocol

extension IngestCounters {
    /// The counters as lines of text for a terminal: a row for each scanner, and what was refused and why below it.
    public var table: String {
        var rows = [
            ["SOURCE", "FRAMES", "REFUSED", "GAPS", "MISSING", "REPEATS", "BACKWARDS", "POINTS", "MB", "SKEW ms"]
        ]
        var notes: [Int: [String]] = [:]
        for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
            let sequence = source.sequence
            rows.append([
                name, "\(source.frames)", "\(source.refusedTotal)", "\(sequence.gaps)", "\(sequence.missing)",
                "\(sequence.repeats)", "\(sequence.backwards)", "\(source.points)", Self.tenths(source.bytes / 100_000),
                source.skew.map { Self.tenths(Int($0.latest / 100_000)) } ?? "-",
            ])
            notes[rows.count - 1] = Self.notes(source)
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines: [String] = []
        for (index, row) in rows.enumerated() {
            let cells = row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + space : space + text
            }
            lines.append(cells.joined(separator: "  "))
            lines += (notes[index] ?? []).map { "    " + $0 }
        }
        if foreignMessages > 0 { lines.append("\(foreignMessages) messages that are no frames") }
        if discardedParts > 0 { lines.append("\(discardedParts) message parts over the limits") }
        return lines.joined(separator: "\n")
    }

    private static func notes(_ source: Source) -> [String] {
        var notes = source.refused.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .map { "refused \($0.value): \($0.key.rawValue)" }
        if source.sequence.restarts > 0 {
            notes.append("\(source.sequence.restarts) times seq restarted without a new session")
        }
        if source.droppedPoints > 0 { notes.append("\(source.droppedPoints) points were not finite") }
        if source.dropped > 0 { notes.append("\(source.dropped) frames given up at the end") }
        if !source.unknownKeys.isEmpty {
            notes.append("unknown keys: \(source.unknownKeys.keys.sorted().map(quoted).joined(separator: ", "))")
        }
        return notes
    }

    /// A number of tenths with one decimal.
    private static func tenths(_ value: Int) -> String {
        "\(value < 0 ? "-" : "")\(value.magnitude / 10).\(value.magnitude % 10)"
    }
}
