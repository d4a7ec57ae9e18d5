/// Why a message was not accepted as a frame.
///
/// It carries as much of the frame's identity as could be read, so that the part it belonged to can be marked. What
/// it carries is what the message claimed: nothing in a refused message is known to be true.
public struct FrameRefusal: Error, Sendable, Equatable {
    /// The name under which a refusal is counted.
    public enum Reason: String, Sendable, CaseIterable {
        /// Fewer than three parts.
        case tooFewParts
        /// All parts together exceed the configured maximum.
        case frameTooLarge
        /// Part 0 is not `pcf/<version>/<source>`.
        case malformedTopic
        /// Another version than `pcf/1`, in the topic or in the header.
        case unknownSchema
        /// The header exceeds 64 KiB.
        case headerTooLarge
        /// The header is not one strict JSON object in UTF-8.
        case malformedHeader
        /// A key stands twice in one object of the header.
        case duplicateKey
        /// A required key is absent.
        case missingKey
        /// A value has the wrong type or is out of range.
        case invalidValue
        /// The topic names another source than the header.
        case topicMismatch
        case unknownUnit
        case unknownEncoding
        case unknownDtype
        /// No field x, y or z.
        case missingField
        /// Two fields of one name.
        case duplicateField
        /// Two fields share a byte of the record.
        case overlappingFields
        /// offset + size > point_step.
        case fieldOutsideRecord
        /// More records than the configured maximum.
        case tooManyPoints
        /// height * width differs from points, or points * point_step from the length of part 2.
        case sizeMismatch
        case checksumMismatch
    }

    public var reason: Reason
    /// Where, what was expected, what was found, what to do.
    public var message: String
    /// The header's source; the topic's when the header has none or another.
    public var source: String?
    public var session: String?
    public var partID: String?
    public var seq: UInt64?

    public init(
        reason: Reason, message: String, source: String? = nil, session: String? = nil, partID: String? = nil,
        seq: UInt64? = nil
    ) {
        self.reason = reason
        self.message = message
        self.source = source
        self.session = session
        self.partID = partID
        self.seq = seq
    }

    init(_ reason: Reason, in place: String, expected: String, found: String, advice: String) {
        self.init(reason: reason, message: "\(place): expected \(expected), found \(found); \(advice)")
    }
}

extension FrameRefusal: CustomStringConvertible {
    public var description: String {
        var identity: [String] = []
        if let source { identity.append("source \(quoted(source))") }
        if let session { identity.append("session \(quoted(session))") }
        if let seq { identity.append("seq \(seq)") }
        if let partID { identity.append("part \(quoted(partID))") }
        return "frame refused (\(reason.rawValue)): \(message)"
            + (identity.isEmpty ? "" : " [\(identity.joined(separator: ", "))]")
    }
}
