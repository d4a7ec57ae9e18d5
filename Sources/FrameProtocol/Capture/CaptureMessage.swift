/// One captured packet, as libpcap hands it out.
public struct CapturePacket: Sendable {
    /// Capture time, ns since the Unix epoch.
    public var timestampNanoseconds: Int64
    /// libpcap's link-layer header type (LINKTYPE_*).
    public var linkType: Int32
    /// The bytes that were captured.
    public var bytes: [UInt8]
    /// Bytes of the packet on the wire; more than `bytes` when the snapshot length cut it.
    public var originalLength: Int

    public init(timestampNanoseconds: Int64, linkType: Int32, bytes: [UInt8], originalLength: Int) {
        self.timestampNanoseconds = timestampNanoseconds
        self.linkType = linkType
        self.bytes = bytes
        self.originalLength = originalLength
    }
}

/// One whole ZeroMQ message out of a capture.
public struct CaptureMessage: Sendable, Equatable {
    /// Who sent it to whom.
    public var flow: Flow
    /// Capture time of the packet with its last byte, ns. Messages of one flow come in their order; between flows the
    /// time may step back, when one had to wait behind a missing segment.
    public var timestampNanoseconds: Int64
    public var parts: [[UInt8]]

    public init(flow: Flow, timestampNanoseconds: Int64, parts: [[UInt8]]) {
        self.flow = flow
        self.timestampNanoseconds = timestampNanoseconds
        self.parts = parts
    }

    /// Whether the first part begins like a `pcf` topic, of whatever version: what a frame decoder should judge.
    public var isFrame: Bool { parts.first?.starts(with: "pcf/".utf8) ?? false }
}
