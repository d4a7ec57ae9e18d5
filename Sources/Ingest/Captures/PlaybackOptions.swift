/// Which stretch of a recording is played, how fast and how often. The names are those of rosbag2, tcpreplay and ouster-cli.
public struct PlaybackOptions: Sendable, Equatable {
    public var pacing: Pacing
    /// Times that the stretch is played; each pass after the first has sessions of its own.
    public var loops = 1
    /// From the first frame on, by the recording's time: where to begin, and how much to play (nil: to the end). The reading of
    /// a capture that is followed ends 10 s of its time later.
    public var startOffset = Duration.zero
    public var duration: Duration?
    /// Longer quiet times between frames are played as this long; nil plays them as they are.
    public var maximumGap: Duration?

    public init(pacing: Pacing = .topSpeed) { self.pacing = pacing }
}
