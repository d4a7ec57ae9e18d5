/// One TCP segment as it was captured (RFC 9293).
public struct TCPSegment: Sendable, Equatable {
    public struct Flags: OptionSet, Sendable, Hashable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let fin = Flags(rawValue: 0x01)
        public static let syn = Flags(rawValue: 0x02)
        public static let rst = Flags(rawValue: 0x04)
        public static let psh = Flags(rawValue: 0x08)
        public static let ack = Flags(rawValue: 0x10)
    }

    public var flow: Flow
    public var sequence: UInt32
    public var flags: Flags
    /// The payload as far as it was captured; shares the packet's storage.
    public var payload: ArraySlice<UInt8>
    /// Bytes of payload behind it that were on the wire, but not captured (snapshot length).
    public var missing: Int

    public init(flow: Flow, sequence: UInt32, flags: Flags, payload: ArraySlice<UInt8>, missing: Int = 0) {
        self.flow = flow
        self.sequence = sequence
        self.flags = flags
        self.payload = payload
        self.missing = missing
    }
}

/// What came out of one direction of a connection, in the order of its sequence numbers.
public struct TCPEvent: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// The first event of a stream; `atBeginning` when its SYN was seen.
        case opened(atBeginning: Bool)
        case bytes(ArraySlice<UInt8>)
        /// Bytes of the stream that the capture does not hold.
        case gap(UInt64)
        case closed(Ending)
    }

    /// How a stream ended.
    public enum Ending: String, Sendable {
        case fin
        case rst
        /// Another connection took its 4-tuple.
        case replaced
        /// Forgotten, to hold a limit.
        case evicted
        /// The capture ended.
        case captureEnded
    }

    public var flow: Flow
    /// Capture time of the packet that held it, ns; for a gap of the packet behind it.
    public var timestampNanoseconds: Int64
    public var kind: Kind
}

/// How long reassembly waits for a missing segment, and how much it remembers. Bytes that wait are counted with what
/// holding them costs, 256 bytes for each segment.
public struct TCPLimits: Sendable, Equatable {
    /// Bytes that wait behind a hole, in one direction. Receive windows seldom exceed it.
    public var waitingBytes: Int
    /// Segments that wait behind a hole, in one direction.
    public var waitingSegments: Int
    /// Capture time that a segment waits behind a hole.
    public var waitingNanoseconds: Int64
    /// Segments that are put in order before the beginning of a stream without SYN is settled.
    public var settlingSegments: Int
    /// Distance in sequence numbers beyond which a segment cannot belong to the stream.
    public var plausibleBytes: UInt32
    /// Directions of connections that are remembered.
    public var streams: Int
    /// Delivered bytes of all streams that are kept, to be compared with what comes again.
    public var comparedBytes: Int

    public init(
        waitingBytes: Int = 8 << 20, waitingSegments: Int = 8192, waitingNanoseconds: Int64 = 10_000_000_000,
        settlingSegments: Int = 64, plausibleBytes: UInt32 = 64 << 20, streams: Int = 8192,
        comparedBytes: Int = 256 << 10
    ) {
        self.waitingBytes = waitingBytes
        self.waitingSegments = waitingSegments
        self.waitingNanoseconds = waitingNanoseconds
        self.settlingSegments = settlingSegments
        self.plausibleBytes = plausibleBytes
        self.streams = streams
        self.comparedBytes = comparedBytes
    }
}
