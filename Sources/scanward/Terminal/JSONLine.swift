import Foundation

extension JSONEncoder {
    /// Writes one line, keys in alphabetical order: equal values are equal bytes.
    static func line(keys: KeyEncodingStrategy = .useDefaultKeys) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = keys
        return encoder
    }
}

/// A value as one line of JSON: keys in snake_case and alphabetical order.
func jsonLine(_ value: some Encodable) throws -> String {
    String(decoding: try JSONEncoder.line(keys: .convertToSnakeCase).encode(value), as: UTF8.self)
}

/// Prints a value as one line of JSON, keys as they are spelled.
func printJSON(_ value: some Encodable) throws {
    Terminal.output(String(decoding: try JSONEncoder.line().encode(value), as: UTF8.self))
}

/// Rows as a table: columns as wide as they must be, the first ones (`leading` of them) flush left, the others right.
func tableLines(_ rows: [[String]], leading: Int = 1) -> [String] {
    guard let columns = rows.map(\.count).max() else { return [] }
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
        var line = ""
        for (column, text) in row.enumerated() {
            let space = String(repeating: " ", count: widths[column] - text.count)
            line += (column == 0 ? "" : "  ") + (column < leading ? text + space : space + text)
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}

/// Nanoseconds since the Unix epoch as RFC 3339, UTC, to the second.
func timeText(_ nanoseconds: UInt64) -> String {
    Date(timeIntervalSince1970: Double(nanoseconds) / 1e9).formatted(.iso8601)
}
