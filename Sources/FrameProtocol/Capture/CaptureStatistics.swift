/// What a capture held, for people who wonder why a replay gave less than they expected.
public struct CaptureStatistics: Sendable, Equatable {
    public var packets = 0
    /// Captured bytes of all packets.
    public var bytes: UInt64 = 0
    public var tcpPackets = 0
    /// TCP packets whose end the snapshot length cut off.
    public var cutPackets = 0
    /// Packets that gave no TCP segment, by reason.
    public var rejections: [PacketRejection: Int] = [:]
    /// The link types that are not read, by libpcap's numbers.
    public var unsupportedLinkTypes: Set<Int32> = []
    /// Payload that came more than once (retransmits; a capture on `any` may hold each packet twice).
    public var repeatedBytes: UInt64 = 0
    /// Those of them that came with another value, as far as they could be compared; the first ones count.
    public var conflictingBytes: UInt64 = 0
    public var fragments = Fragments()
    /// What was lost, one by one, the first `CaptureLimits.listedLosses`.
    public var losses: [CaptureLoss] = []
    /// How often something was lost, those listed included.
    public var lossCounts: [CaptureLoss.Cause: Int] = [:]
    /// In the order of their first packets.
    public var connections: [CaptureConnection] = []
    /// Connections beyond those listed.
    public var unlistedConnections = 0
    /// Sums over all directions of all connections, listed or not. Its `greeting` and the like are the last seen.
    public var total = CaptureDirection()

    public init() {}

    /// Messages whose topic begins with `pcf/`.
    public var frames: Int { total.frames }

    /// How often something was lost.
    public var lossCount: Int { lossCounts.values.reduce(0, +) }

    mutating func count(_ loss: CaptureLoss, listedUpTo limit: Int) {
        lossCounts[loss.cause, default: 0] += 1
        if losses.count < limit { losses.append(loss) }
    }

    /// Counts something once for its direction of its connection, and once for all.
    @inline(__always)
    mutating func tally(_ place: Int?, _ isForward: Bool, _ body: (inout CaptureDirection) -> Void) {
        body(&total)
        guard let place else { return }
        if isForward {
            body(&connections[place].toServer)
        } else {
            body(&connections[place].toClient)
        }
    }
}

extension CaptureStatistics {
    /// What became of IP fragments.
    public struct Fragments: Sendable, Equatable {
        public var received = 0
        /// Datagrams put together.
        public var datagrams = 0
        /// Fragments that came before, with the same bytes.
        public var repeated = 0
        /// Datagrams of which pieces did not come.
        public var incomplete = 0
    }
}

/// A TCP connection and what its two directions carried.
public struct CaptureConnection: Sendable, Equatable {
    /// The end that opened it; where no SYN was seen, the one with the higher port.
    public var client: Endpoint
    public var server: Endpoint
    public var packets = 0
    public var toServer = CaptureDirection()
    public var toClient = CaptureDirection()

    public init(client: Endpoint, server: Endpoint) {
        self.client = client
        self.server = server
    }

    /// The mechanism of whichever side was seen to greet.
    public var mechanism: String? { toServer.greeting?.mechanism ?? toClient.greeting?.mechanism }
}

/// What one direction of a connection carried.
public struct CaptureDirection: Sendable, Equatable {
    /// Payload bytes, each once.
    public var bytes: UInt64 = 0
    public var gaps = 0
    /// Payload bytes that the capture does not hold.
    public var gapBytes: UInt64 = 0
    public var greeting: ZMTPGreeting?
    /// `Socket-Type` of READY.
    public var socketType: String?
    public var commands = 0
    public var messages = 0
    /// Those of `messages` whose topic begins with `pcf/`.
    public var frames = 0
    /// Messages begun and not completed, for a gap or a limit. Not those that were wholly missing.
    public var lostMessages = 0
    /// How often the place in the stream was lost, and how often it was found again.
    public var stateLosses = 0
    public var resynchronizations = 0
    /// By code.
    public var faults: [ZMTPFault.Code: Int] = [:]
    public var lastFault: ZMTPFault?
    /// The beginning of the first part of the first message that is not a frame.
    public var otherTopic: [UInt8]?

    public init() {}

    mutating func count(_ event: ZMTPEvent) {
        switch event {
        case .greeting(let greeting): self.greeting = greeting
        case .command(let command):
            commands += 1
            socketType = command.socketType ?? socketType
        case .message(let parts):
            messages += 1
            if parts.first?.starts(with: "pcf/".utf8) ?? false {
                frames += 1
            } else if otherTopic == nil {
                otherTopic = Array(parts.first?.prefix(24) ?? [])
            }
        case .messageLost: lostMessages += 1
        case .stateLost: stateLosses += 1
        case .resynchronized: resynchronizations += 1
        case .fault(let fault):
            faults[fault.code, default: 0] += 1
            lastFault = fault
        }
    }
}
