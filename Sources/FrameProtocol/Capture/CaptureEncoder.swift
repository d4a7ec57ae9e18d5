/// Writes messages as a capture of ZMTP 3.1 connections: one TCP flow for each source, as if each had a PUSH socket of its own.
///
/// A pure state machine. The bytes are a pcap file with times in ns and link type 101 (raw IP; draft-ietf-opsawg-pcap), IPv4
/// (RFC 791), TCP (RFC 9293) and ZMTP (ZeroMQ RFC 37), one direction only. A message's packets are given out whole, so that a
/// file that ends between two calls is whole. TCP's checksums are left 0, as under offload.
public struct CaptureEncoder: Sendable {
    /// What a file begins with.
    public static let fileHeader: [UInt8] = {
        let words: [UInt32] = [0xA1B2_3C4D, 0x0004_0002, 0, 0, 262_144, 101]
        return words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }()

    /// Flows of one file; further sources share the last one.
    public static let maximumFlows = 256

    private struct Flow: Sendable {
        var port: UInt16
        var sequence: UInt32
    }

    private let serverPort: UInt16
    private var flows: [String: Flow] = [:]
    private var nextPort: UInt16
    private var nextInitialSequence: UInt32
    private static let segment = 65_000
    /// From one flow's initial sequence number to the next one's; odd, so that 2^32 flows have as many.
    private static let initialSequenceStep: UInt32 = 0x9E37_79B9

    /// - Parameters:
    ///   - serverPort: the port that the flows go to.
    ///   - firstPort: the first flow's own port, from 49152 on; 65535 is followed by 49152.
    ///   - initialSequence: the first flow's initial sequence number; each further flow has another. Recordings that are read
    ///     one after another must differ in it: a reader that sees the same ports again knows a new connection by its SYN's
    ///     number, and takes the same number for the same SYN, sent again.
    public init(serverPort: UInt16, firstPort: UInt16 = 49152, initialSequence: UInt32) {
        self.serverPort = serverPort
        nextPort = max(49152, firstPort)
        nextInitialSequence = initialSequence
    }

    /// Begins the next file of the recording: its flows are opened anew, so that it is readable by itself.
    public mutating func beginFile() { flows = [:] }

    /// A message's packets, all with the same time.
    ///
    /// - Parameters:
    ///   - source: which flow.
    ///   - unixNanoseconds: before 2106.
    public mutating func encode(_ parts: [[UInt8]], from source: String, at unixNanoseconds: UInt64) -> [UInt8] {
        let size = parts.reduce(0) { $0 + $1.count + 16 }
        var output: [UInt8] = []
        output.reserveCapacity(size + (size / Self.segment + 2) * 56)
        let key = flows[source] != nil || flows.count < Self.maximumFlows - 1 ? source : ""
        var flow = flows[key] ?? open(at: unixNanoseconds, into: &output)
        var stream: [UInt8] = []
        stream.reserveCapacity(size)
        for (index, part) in parts.enumerated() {
            let more: UInt8 = index < parts.count - 1 ? 1 : 0
            if part.count < 256 {
                stream += [more, UInt8(part.count)]
            } else {
                stream.append(more | 2)
                Self.append(UInt64(part.count), to: &stream)
            }
            stream += part
        }
        Self.send(stream, over: &flow, to: serverPort, at: unixNanoseconds, into: &output)
        flows[key] = flow
        return output
    }

    /// A new flow: SYN, greeting, READY.
    private mutating func open(at time: UInt64, into output: inout [UInt8]) -> Flow {
        let initial = nextInitialSequence
        var flow = Flow(port: nextPort, sequence: initial &+ 1)
        nextPort = nextPort == .max ? 49152 : nextPort + 1
        nextInitialSequence &+= Self.initialSequenceStep
        Self.packet([], flags: 0x02, sequence: initial, from: flow.port, to: serverPort, at: time, into: &output)
        let greeting: [UInt8] = [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3, 1] + Array("NULL".utf8)
        let ready = [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 4] + Array("PUSH".utf8)
        let stream = greeting + [UInt8](repeating: 0, count: 64 - greeting.count) + [0x04, UInt8(ready.count)] + ready
        Self.send(stream, over: &flow, to: serverPort, at: time, into: &output)
        return flow
    }

    private static func send(
        _ stream: [UInt8], over flow: inout Flow, to port: UInt16, at time: UInt64, into output: inout [UInt8]
    ) {
        var start = 0
        while start < stream.count {
            let end = min(stream.count, start + segment)
            packet(
                stream[start..<end], flags: 0x18, sequence: flow.sequence, from: flow.port, to: port, at: time,
                into: &output)
            flow.sequence &+= UInt32(end - start)
            start = end
        }
    }

    private static func packet(
        _ payload: ArraySlice<UInt8>, flags: UInt8, sequence: UInt32, from port: UInt16, to server: UInt16,
        at time: UInt64,
        into output: inout [UInt8]
    ) {
        let length = UInt32(40 + payload.count)
        for word in [
            UInt32(truncatingIfNeeded: time / 1_000_000_000), UInt32(time % 1_000_000_000), length, length,
        ] {
            withUnsafeBytes(of: word.littleEndian) { output.append(contentsOf: $0) }
        }
        var header: [UInt8] = [0x45, 0, UInt8(length >> 8), UInt8(length & 255), 0, 0, 0x40, 0, 64, 6, 0, 0]
        header += [127, 0, 0, 1, 127, 0, 0, 1]
        let sum = stride(from: 0, to: 20, by: 2).reduce(UInt32(0)) {
            $0 + UInt32(header[$1]) << 8 + UInt32(header[$1 + 1])
        }
        let folded = ~UInt16(truncatingIfNeeded: (sum & 0xFFFF) + (sum >> 16))
        (header[10], header[11]) = (UInt8(folded >> 8), UInt8(folded & 255))
        append(port, to: &header)
        append(server, to: &header)
        append(sequence, to: &header)
        header += [0, 0, 0, 0, 0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]
        output += header
        output += payload
    }

    private static func append<Word: FixedWidthInteger>(_ word: Word, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
