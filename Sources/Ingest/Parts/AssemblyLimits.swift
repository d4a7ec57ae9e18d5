/// How much a `PartAssembler` holds, and for how long.
public struct AssemblyLimits: Sendable, Equatable {
    /// Sources with parts or memories of parts; frames of one more are dropped and counted.
    public var maximumSources = 64
    /// Open parts of one source; one more closes the one that has been quiet longest.
    public var maximumOpenParts = 8
    /// Frames of one part; a frame index at or over it closes the part.
    public var maximumFrames = 4096
    /// Points of one part.
    public var maximumPoints = 16 << 20
    /// Points of all open parts together (16 bytes each); over it the largest part is closed.
    public var maximumOpenPoints = 64 << 20
    /// How long a part waits for its next frame.
    public var idleDeadline = Duration.seconds(5)
    /// How long a part may stay open at all.
    public var totalDeadline = Duration.seconds(60)
    /// Refused frames with which a part is still judged, by what its other frames show.
    public var toleratedRefusals = 0
    /// Closed parts of a source that are remembered, so that their late frames are known as such.
    public var rememberedParts = 64

    public init() {}
}
