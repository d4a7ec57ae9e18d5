/// What came from another process of the fleet is not what it should be.
public struct FleetError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence: what was expected, what was found.
    public let message: String

    public init(_ message: String) { self.message = message }

    public var description: String { message }
}
