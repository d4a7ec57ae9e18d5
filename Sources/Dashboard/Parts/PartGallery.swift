/// What is kept of judged parts beside their verdicts: their points with scores, to be looked at.
public protocol PartGallery: Sendable {
    /// What is kept of a result; nil where nothing is, or nothing any more.
    func kept(resultID: String) -> KeptPart?

    /// Whether something of it waits to be kept: then it is there soon.
    func isPending(resultID: String) -> Bool

    /// The part's points and scores, `part-cloud/1` (docs/dashboard.md).
    ///
    /// - Throws: a sentence, where what is kept cannot be read.
    func cloud(resultID: String) throws -> [UInt8]?

    /// The same as a coloured PLY.
    func heatMap(resultID: String) throws -> [UInt8]?

    /// The taught surface of a model, `part-cloud/1` without scores: of those in use, and of those that a kept part was judged by.
    ///
    /// - Parameter modelID: SHA-256 in hexadecimal.
    func template(modelID: String) throws -> [UInt8]?
}

/// What is kept of one result.
public struct KeptPart: Sendable, Encodable {
    /// Bytes of the cloud.
    public var bytes: Int
    /// Points in it, those of surface that the part lacks included.
    public var points: Int
    /// Names of the channels whose scores it has.
    public var channels: [String]

    public init(bytes: Int, points: Int, channels: [String]) {
        self.bytes = bytes
        self.points = points
        self.channels = channels
    }
}
