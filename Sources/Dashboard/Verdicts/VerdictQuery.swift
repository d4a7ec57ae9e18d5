import Foundation

/// Which verdicts are asked for, in which order and form.
public struct VerdictQuery: Sendable, Equatable {
    /// How a verdict is written.
    public enum Format: String, Sendable {
        /// As it was published, a line each.
        case jsonl
        /// Its main fields, a line of JSON each.
        case summary
        /// The same as a table.
        case csv
    }

    /// The first number.
    public var from: UInt64 = 1
    /// Newest first, below this number; nil is oldest first.
    public var below: UInt64?
    /// `ok`, `not_ok`, `not_decidable` or `undefined`; nil accepts each.
    public var evaluation: String?
    /// Nil accepts each, also parts of no type.
    public var partType: String?
    /// The scanner; nil accepts each.
    public var source: String?
    /// What the part's id must contain, whatever the case; nil accepts each.
    public var partID: String?
    /// When it was decided, ns since the Unix epoch: from, and before.
    public var since: UInt64?
    public var until: UInt64?
    /// Most verdicts sent; nil sends all there are.
    public var limit: Int?
    public var format = Format.jsonl
    /// A browser is to save it.
    public var isDownload = false

    public init() {}

    private static let names =
        "from, limit, evaluation, part_type, source, part_id, since, until, order, below, format and download"

    /// Reads the parameters of a request; each at most once, and none that is not known.
    ///
    /// - Throws: `QueryRefusal`, a sentence.
    init(_ parameters: [(name: String, value: String)]) throws(QueryRefusal) {
        var seen: Set<String> = []
        for (name, value) in parameters {
            guard seen.insert(name).inserted else { throw QueryRefusal("\(Self.shown(name)) is given twice") }
            switch name {
            case "from": from = try Self.number(name, value)
            case "below": below = try Self.number(name, value)
            case "limit":
                guard let count = Int(value), count > 0 else {
                    throw QueryRefusal("limit: expected 1 or more, found \(Self.shown(value))")
                }
                limit = count
            case "evaluation":
                guard ["ok", "not_ok", "not_decidable", "undefined"].contains(value) else {
                    throw QueryRefusal(
                        "evaluation: expected ok, not_ok, not_decidable or undefined, found \(Self.shown(value))")
                }
                evaluation = value
            case "part_type": partType = try Self.text(name, value)
            case "source": source = try Self.text(name, value)
            case "part_id": partID = try Self.text(name, value)
            case "since": since = try Self.time(name, value)
            case "until": until = try Self.time(name, value)
            case "order":
                guard ["oldest", "newest"].contains(value) else {
                    throw QueryRefusal("order: expected oldest or newest, found \(Self.shown(value))")
                }
                if value == "newest" { below = below ?? UInt64(Int64.max) }
            case "format":
                guard let format = Format(rawValue: value) else {
                    throw QueryRefusal("format: expected jsonl, summary or csv, found \(Self.shown(value))")
                }
                self.format = format
            case "download":
                guard value == "1" else { throw QueryRefusal("download: expected 1, found \(Self.shown(value))") }
                isDownload = true
            default:
                throw QueryRefusal("\(Self.shown(name)) is no parameter; there are \(Self.names)")
            }
        }
        guard below == nil || from == 1 else { throw QueryRefusal("from goes with order oldest, below with newest") }
    }

    private static func number(_ name: String, _ value: String) throws(QueryRefusal) -> UInt64 {
        guard let seq = UInt64(value), seq <= UInt64(Int64.max) else {
            throw QueryRefusal("\(name): expected the number of a verdict, found \(shown(value))")
        }
        return seq
    }

    private static func text(_ name: String, _ value: String) throws(QueryRefusal) -> String {
        guard !value.isEmpty, value.utf8.count <= 256 else { throw QueryRefusal("\(name): expected 1 to 256 bytes") }
        return value
    }

    /// RFC 3339, with or without fractions of a second, of which nine digits count.
    private static func time(_ name: String, _ value: String) throws(QueryRefusal) -> UInt64 {
        // A `Date` holds no nanosecond: its whole seconds are exact, and the fraction is read as digits.
        let fraction = value.firstMatch(of: #/\.([0-9]+)/#)
        let whole = fraction.map { value.replacingCharacters(in: $0.range, with: "") } ?? value
        guard let date = try? Date.ISO8601FormatStyle().parse(whole), date.timeIntervalSince1970 >= 0,
            date.timeIntervalSince1970 < 9e9
        else {
            throw QueryRefusal("\(name): expected a time such as 2026-05-01T06:00:00Z, found \(shown(value))")
        }
        let digits = fraction.map { String($0.1.prefix(9)) } ?? ""
        let nanoseconds = UInt64(digits + String(repeating: "0", count: 9 - digits.count)) ?? 0
        return UInt64(date.timeIntervalSince1970) * 1_000_000_000 + nanoseconds
    }

    /// Text from outside, for a sentence.
    static func shown(_ text: String) -> String {
        "\"" + String(text.prefix(40).map { $0.isLetter || $0.isNumber || "._- ".contains($0) ? $0 : "?" }) + "\""
    }
}

/// Why a request is answered with 400.
struct QueryRefusal: Error, Equatable {
    let sentence: String
    init(_ sentence: String) { self.sentence = sentence }
}
