/// The models that the line scores with, as the pages show them, and the one thing that can be changed from there.
public protocol ModelShelf: Sendable {
    /// A JSON array, an object for each model in use.
    func list() throws -> [UInt8]

    /// One model in use, with its calibration, detection curve, losses and lineage, as a JSON object; nil for an unknown one.
    ///
    /// - Parameter id: SHA-256 of its manifest.
    func model(id: String) throws -> [UInt8]?

    /// Sets the threshold of a model in use, as `scanward threshold set` does, and has the line read it.
    ///
    /// - Returns: what it became, as a JSON object.
    /// - Throws: `ThresholdRefusal`.
    func setThreshold(_ change: ThresholdRequest, of id: String, by name: String) throws -> [UInt8]
}

/// What a person asks for.
public struct ThresholdRequest: Sendable, Decodable, Equatable {
    /// The part score above which a part fails.
    public var value: Double
    /// Why: kept in the model's manifest.
    public var reason: String?
    /// Also at or below the highest score of a good part.
    public var force: Bool?

    public init(value: Double, reason: String? = nil, force: Bool? = nil) {
        self.value = value
        self.reason = reason
        self.force = force
    }
}

/// Why a threshold was not set, in a sentence.
public struct ThresholdRefusal: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// No model in use has this id: it was changed since the page was made.
        case unknownModel
        /// The value cannot be a threshold.
        case invalid
        /// It could be one, but not as things stand: the configuration sets it, the folder holds another model, or the line
        /// refused to read it.
        case conflict
        /// It is written, and whether the line took it is not known yet.
        case unanswered
        /// It is not above the scores of good parts: only with `force`.
        case needsForce
        /// The model's folder cannot be written.
        case notWritten
    }

    public let kind: Kind
    public let sentence: String

    public var description: String { sentence }

    public init(_ kind: Kind, _ sentence: String) {
        self.kind = kind
        self.sentence = sentence
    }
}
