/// The four answers of OPC UA Machinery Result (ResultEvaluationEnum). Only `ok` releases a part.
public enum Evaluation: String, Sendable, Codable, CaseIterable {
    case ok
    case notOK = "not_ok"
    /// The part could not be judged.
    case notDecidable = "not_decidable"
    /// Nothing was scored: there is no model for the part's type.
    case undefined

    /// The number that OPC UA gives it.
    public var code: Int {
        switch self {
        case .undefined: 0
        case .ok: 1
        case .notOK: 2
        case .notDecidable: 3
        }
    }
}

/// Why a verdict is what it is.
public struct Reason: Sendable, Codable, Equatable {
    /// Stable name for programs, such as `frames_missing`.
    public var code: String
    /// Sentence for people: expected, found, what to do.
    public var message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
