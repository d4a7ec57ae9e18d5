package import FrameProtocol
import SeededRandom

/// A capture of true frames that was damaged from a seed: segments lost, reordered and repeated, and what of it is
/// still wholly there.
///
/// Both directions, greetings and READY included, may be hit; heartbeats lie between parts of every fourth message.
package struct DamagedCapture: Sendable {
    /// What is done to a capture.
    package struct Damage: Sendable {
        /// How the connection ends, before the capture does.
        package var closing = Closing.none
        /// Share of the segments that the capture does not hold.
        package var loss = 0.0
        /// How far a segment comes from its place, in segments.
        package var reordering = 64
        /// Share of the segments that come twice.
        package var repeated = 0.01
        /// Whether the first quarter of the capture is missing.
        package var startsInTheMiddle = false

        package init() {}
    }

    /// How a connection ends: not, by FIN in both directions, or by the scanner's RST.
    package enum Closing: String, Sendable, CaseIterable {
        case none, fin, rst
    }

    package private(set) var packets: [CapturePacket] = []
    /// Every message that was sent.
    package private(set) var sent: [[[UInt8]]] = []
    /// Places in `sent` of the messages all of whose bytes are in the capture.
    package private(set) var whole: [Int] = []
    /// Segments of the scanner's that are missing.
    package private(set) var lostSegments = 0

    private struct Segment {
        var bytes: Range<Int>
        var packet: CapturePacket
    }

    /// - Parameter messages: how many; their sizes are drawn, from headers alone to a few thousand points.
    package init(
        seed: UInt64, messages count: Int, _ damage: Damage, builder: PacketBuilder = PacketBuilder(),
        ports: (UInt16, UInt16) = (40001, 5555)
    ) throws(FrameRefusal) {
        var generator = SplitMix64(seed: seed)
        var connection = ConnectionBuilder()
        connection.builder = builder
        connection.ports = ports
        connection.interval = 20_000
        connection.open()
        connection.send(Wire.greeting(), reversed: true, by: 10)
        connection.send(Wire.greeting(), by: 10)
        connection.send(Wire.ready, reversed: true)
        connection.send(Wire.ready)
        let opening = connection.packets.count
        var places: [Range<Int>] = []
        var stream: [UInt8] = []
        for number in 0..<count {
            let points = [0, 20, 250, 250, 1000, 4000][generator.next(below: 6)]
            let message = try TrueFrames.message(seq: UInt64(number), points: points, seed: seed)
            let start = stream.count
            stream += number % 4 == 3 ? Wire.messageWithCommands(message) : Wire.message(message)
            places.append(start..<stream.count)
            sent.append(message)
        }
        var segments: [Segment] = []
        var place = 0
        while place < stream.count {
            // What libzmq writes at once, or one full segment.
            let size = min(stream.count - place, [1448, 1448, 1448, 8192, 37][generator.next(below: 5)])
            connection.send(Array(stream[place..<(place + size)]), by: size)
            segments.append(
                Segment(bytes: place..<(place + size), packet: connection.packets[connection.packets.count - 1]))
            place += size
        }
        let sending = connection.packets.count
        switch damage.closing {
        case .none: break
        case .fin: connection.close()
        case .rst: connection.reset()
        }
        let kept = damaged(
            Array(connection.packets[..<opening]), segments, Array(connection.packets[sending...]), damage, &generator)
        noteWhole(places, kept)
    }

    private mutating func damaged(
        _ opening: [CapturePacket], _ segments: [Segment], _ closing: [CapturePacket], _ damage: Damage,
        _ generator: inout SplitMix64
    ) -> [Bool] {
        var order: [(key: Double, packet: CapturePacket)] = []
        func add(_ packet: CapturePacket, _ index: Int, _ generator: inout SplitMix64) {
            for _ in 0..<(generator.unit() < damage.repeated ? 2 : 1) {
                order.append((Double(index) + generator.unit() * Double(damage.reordering), packet))
            }
        }
        for (index, packet) in opening.enumerated() where generator.unit() >= damage.loss && !damage.startsInTheMiddle {
            add(packet, index, &generator)
        }
        var kept: [Bool] = []
        for (index, segment) in segments.enumerated() {
            let isMissing = damage.startsInTheMiddle && index < segments.count / 4
            kept.append(generator.unit() >= damage.loss && !isMissing)
            if kept[index] { add(segment.packet, opening.count + index, &generator) } else { lostSegments += 1 }
        }
        for (index, packet) in closing.enumerated() where generator.unit() >= damage.loss {
            add(packet, opening.count + segments.count + index, &generator)
        }
        order.sort { $0.key < $1.key }
        // Captured when they came, not when they were sent.
        let times = order.map(\.packet.timestampNanoseconds).sorted()
        packets = zip(order, times).map { entry, time in
            var packet = entry.packet
            packet.timestampNanoseconds = time
            return packet
        }
        segmentBounds = segments.map(\.bytes)
        return kept
    }

    private var segmentBounds: [Range<Int>] = []

    private mutating func noteWhole(_ places: [Range<Int>], _ kept: [Bool]) {
        var first = 0
        for (number, place) in places.enumerated() {
            while segmentBounds[first].upperBound <= place.lowerBound { first += 1 }
            var index = first
            var isWhole = true
            while index < segmentBounds.count, segmentBounds[index].lowerBound < place.upperBound {
                isWhole = isWhole && kept[index]
                index += 1
            }
            if isWhole { whole.append(number) }
        }
    }
}
