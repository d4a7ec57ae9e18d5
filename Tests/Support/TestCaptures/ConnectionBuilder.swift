package import FrameProtocol

/// A connection on its way into a capture: bytes cut into segments.
package struct ConnectionBuilder: Sendable {
    package var packets: [CapturePacket] = []
    package var builder = PacketBuilder()
    package var ports: (UInt16, UInt16) = (40001, 5555)
    /// IP fragments of at most so many bytes of payload, a multiple of 8; nil sends whole packets.
    package var fragmentBytes: Int?
    /// Capture time of the next packet, ns, and from one to the next.
    package var time: Int64 = 1_700_000_000_000_000_000
    package var interval: Int64 = 1_000_000
    /// Of the next packet that is cut into fragments.
    package var identification: UInt32 = 1
    private var next: (forward: UInt32, backward: UInt32) = (0xFFFF_F000, 77)

    package init() {}

    package mutating func open() {
        add(.syn, [], reversed: false)
        add([.syn, .ack], [], reversed: true)
    }

    package mutating func send(_ bytes: [UInt8], reversed: Bool = false, by size: Int = 1448) {
        for place in stride(from: 0, to: bytes.count, by: size) {
            add([.ack, .psh], Array(bytes[place..<min(bytes.count, place + size)]), reversed: reversed)
        }
    }

    package mutating func close() {
        add([.fin, .ack], [], reversed: false)
        add([.fin, .ack], [], reversed: true)
    }

    /// The client gives up.
    package mutating func reset() { add([.rst, .ack], [], reversed: false) }

    private mutating func add(_ flags: TCPSegment.Flags, _ payload: [UInt8], reversed: Bool) {
        let sequence = reversed ? next.backward : next.forward
        let all =
            fragmentBytes.map {
                builder.fragments(
                    of: $0, identification: identification, sequence: sequence, flags: flags, payload: payload,
                    reversed: reversed, ports: ports)
            } ?? [
                builder.bytes(sequence: sequence, flags: flags, payload: payload, reversed: reversed, ports: ports)
            ]
        identification += 1
        for bytes in all {
            packets.append(
                CapturePacket(
                    timestampNanoseconds: time, linkType: builder.linkType.rawValue, bytes: bytes,
                    originalLength: bytes.count))
            time += interval
        }
        let length = UInt32(payload.count) + (flags.isDisjoint(with: [.syn, .fin]) ? 0 : 1)
        if reversed { next.backward &+= length } else { next.forward &+= length }
    }
}
