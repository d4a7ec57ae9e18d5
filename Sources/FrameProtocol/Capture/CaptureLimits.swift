/// Bounds of the memory that decoding a capture takes.
public struct CaptureLimits: Sendable, Equatable {
    public var tcp: TCPLimits
    public var fragments: FragmentLimits
    public var zmtp: ZMTPLimits
    /// Bytes held for all connections together, waiting segments and unfinished messages; beyond it the least
    /// recently active stream is forgotten. Fragments have a bound of their own.
    public var bufferedBytes: Int
    /// Connections that `CaptureStatistics` lists one by one; further ones are only counted.
    public var listedConnections: Int
    /// Losses that `CaptureStatistics` lists one by one; all are counted.
    public var listedLosses: Int

    public init(
        tcp: TCPLimits = TCPLimits(), fragments: FragmentLimits = FragmentLimits(), zmtp: ZMTPLimits = ZMTPLimits(),
        bufferedBytes: Int = 512 << 20, listedConnections: Int = 1024, listedLosses: Int = 100
    ) {
        self.tcp = tcp
        self.fragments = fragments
        self.zmtp = zmtp
        self.bufferedBytes = bufferedBytes
        self.listedConnections = listedConnections
        self.listedLosses = listedLosses
    }
}
