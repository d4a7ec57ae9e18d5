/// Why a file was refused.
public struct PointCloudFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is; more may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String { case header, truncated, malformed, unsupported, tooLarge }
        private let kind: Kind
        private init(_ kind: Kind) { self.kind = kind }

        /// The header contradicts itself, or lacks something.
        public static let header = Code(.header)
        /// The data end before they should.
        public static let truncated = Code(.truncated)
        /// The data are not what the header says.
        public static let malformed = Code(.malformed)
        /// Valid, perhaps, but not read here.
        public static let unsupported = Code(.unsupported)
        /// More points than a cloud holds.
        public static let tooLarge = Code(.tooLarge)

        public var description: String { kind.rawValue }
    }

    /// Where in the file.
    public enum Place: Sendable, Equatable, CustomStringConvertible {
        /// Counted from 1.
        case line(Int)
        /// Counted from 0.
        case byte(Int)

        public var description: String {
            switch self {
            case .line(let line): "line \(line)"
            case .byte(let byte): "byte \(byte)"
            }
        }
    }

    public let code: Code
    public let place: Place
    /// One sentence: what was expected, what was found, where, and what to do.
    public let message: String

    init(_ code: Code, expected: String, found: String, at place: Place, advice: String) {
        self.code = code
        self.place = place
        message = "expected \(expected), found \(found), at \(place); \(advice)"
    }

    public var description: String { message }
}
