/// What the HTTP server reads verdicts from: the journal.
public protocol VerdictLog: Sendable {
    /// Verdicts from `seq` on, at most `limit` that `query` accepts, and where to go on.
    ///
    /// - Returns: `next` beyond `head` when there is no more for now.
    func page(from seq: UInt64, limit: Int, query: VerdictQuery) throws -> (
        verdicts: [(seq: UInt64, json: [UInt8])], next: UInt64, head: UInt64
    )

    /// Why verdicts cannot be stored now; nil while they can.
    var reasonNotReady: String? { get }
}

/// Which verdicts are asked for.
public struct VerdictQuery: Sendable, Equatable {
    /// The first number.
    public var from: UInt64 = 1
    /// `ok`, `not_ok`, `not_decidable` or `undefined`; nil accepts each.
    public var evaluation: String?
    /// Nil accepts each, also parts of no type.
    public var partType: String?
    /// Most verdicts sent; nil sends all there are.
    public var limit: Int?

    public init() {}

    /// Reads the parameters of a request; each at most once, and none that is not known.
    ///
    /// - Throws: `QueryRefusal`, a sentence.
    init(_ parameters: [(name: String, value: String)]) throws(QueryRefusal) {
        var seen: Set<String> = []
        for (name, value) in parameters {
            guard seen.insert(name).inserted else { throw QueryRefusal("\(Self.shown(name)) is given twice") }
            switch name {
            case "from":
                guard let seq = UInt64(value), seq <= UInt64(Int64.max) else {
                    throw QueryRefusal("from: expected the number of a verdict, found \(Self.shown(value))")
                }
                from = seq
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
            case "part_type":
                guard !value.isEmpty, value.utf8.count <= 256 else {
                    throw QueryRefusal("part_type: expected 1 to 256 bytes")
                }
                partType = value
            default:
                throw QueryRefusal(
                    "\(Self.shown(name)) is no parameter; there are from, limit, evaluation and part_type")
            }
        }
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
