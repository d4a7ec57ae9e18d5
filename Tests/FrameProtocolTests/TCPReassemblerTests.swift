import FrameProtocol
import TestCaptures
import Testing

struct TCPReassemblerTests {
    private static let flow = PacketBuilder().flow

    private func segment(
        _ sequence: UInt32, _ payload: [UInt8] = [], _ flags: TCPSegment.Flags = [.ack], missing: Int = 0
    ) -> TCPSegment {
        TCPSegment(flow: Self.flow, sequence: sequence, flags: flags, payload: payload[...], missing: missing)
    }

    private func run(
        _ segments: [TCPSegment], limits: TCPLimits = TCPLimits(), step: Int64 = 1_000_000, finish: Bool = true
    ) -> TCPOutcome {
        TCPOutcome(of: segments, limits: limits, step: step, finish: finish)
    }

    /// Random streams, cut, repeated with other cuts, reordered within 64 and partly lost, against the plain union
    /// of what was sent.
    @Test(arguments: [(0.0, true), (0.0, false), (0.05, true), (0.4, true), (0.4, false)])
    func putsAnyOrderInOrder(_ loss: Double, _ isSYNSeen: Bool) {
        var generator = SeededGenerator(seed: UInt64(loss * 1000) + (isSYNSeen ? 1 : 2))
        for _ in 0..<300 {
            let initial =
                Bool.random(using: &generator) ? UInt32.random(in: 0...UInt32.max, using: &generator) : .max - 99
            let bytes = (0..<Int.random(in: 1...6000, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            var pieces: [Range<Int>] = []
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                var place = 0
                while place < bytes.count {
                    let end = min(bytes.count, place + Int.random(in: 1...200, using: &generator))
                    pieces.append(place..<end)
                    place = end
                }
            }
            pieces.sort { $0.lowerBound < $1.lowerBound }
            let kept = pieces.filter { _ in Double.random(in: 0..<1, using: &generator) >= loss }
            var order = kept.enumerated().map { (Double($0) + Double.random(in: 0..<60, using: &generator), $1) }
            order.sort { $0.0 < $1.0 }
            var segments = order.map { _, range in
                segment(initial &+ 1 &+ UInt32(range.lowerBound), Array(bytes[range]))
            }
            if isSYNSeen {
                segments.insert(
                    segment(initial, [], .syn), at: min(segments.count, Int.random(in: 0...40, using: &generator)))
            }

            var union = [UInt8?](repeating: nil, count: bytes.count)
            for range in kept { for place in range { union[place] = bytes[place] } }
            while union.last == .some(nil) { union.removeLast() }
            if !isSYNSeen { union = Array(union.drop { $0 == nil }) }
            let outcome = run(segments)
            #expect(outcome.bytes == union)
            #expect(outcome.openings.count <= 1 && outcome.openings.first == (segments.isEmpty ? nil : isSYNSeen))
        }
    }

    @Test func countsSequenceNumbersIn64Bits() {
        // Six segments of 1 GiB apart would be implausible; so 5 GiB in steps of 32 MiB holes, each bounded.
        var limits = TCPLimits()
        limits.waitingSegments = 1
        let step: UInt32 = 32 << 20
        var segments = [segment(.max, [], .syn)]
        for index in 0..<160 { segments.append(segment(UInt32(truncatingIfNeeded: UInt64(index) * UInt64(step)), [7])) }
        var reassembler = TCPReassembler(limits: limits)
        var (bytes, missing) = (0, UInt64(0))
        var events: [TCPEvent] = []
        for segment in segments { reassembler.receive(segment, at: 0, into: &events) }
        reassembler.finish(into: &events)
        for event in events {
            if case .bytes(let slice) = event.kind { bytes += slice.count }
            if case .gap(let count) = event.kind { missing += count }
        }
        #expect(bytes == 160 && missing == 159 * UInt64(step - 1))
    }

    @Test func declaresAGapWhenABoundIsPassed() {
        let early = segment(101, [1, 2])
        let late = (0..<5).map { segment(200 + $0 * 10, [UInt8](repeating: UInt8($0), count: 10)) }
        let start = segment(100, [], .syn)
        #expect(run([start, early] + late, finish: false).gaps.isEmpty)
        var limits = TCPLimits()
        limits.waitingSegments = 3
        #expect(run([start, early] + late, limits: limits, finish: false).gaps == [97])
        limits = TCPLimits()
        limits.waitingBytes = 40
        #expect(run([start, early] + late, limits: limits, finish: false).gaps == [97])
        limits = TCPLimits()
        limits.waitingNanoseconds = 3_000_000
        #expect(run([start, early] + late, limits: limits, finish: false).gaps == [97])
        // What comes after the gap was declared is too late.
        let filled = run([start, early] + late + [segment(103, [9])], limits: limits)
        #expect(filled.gaps == [97] && !filled.bytes.contains(9))
    }

    @Test func tellsANewConnectionOnTheSamePorts() {
        let first = [segment(100, [], .syn), segment(101, [1])]
        let second = [segment(5000, [], .syn), segment(5001, [2])]
        let outcome = run(first + second)
        #expect(outcome.openings == [true, true] && outcome.bytes == [1, 2])
        #expect(outcome.endings == [.replaced, .captureEnded])
        // A SYN that is sent again, or comes late, opens nothing.
        #expect(run(first + [segment(100, [], .syn), segment(102, [2])]).openings == [true])
        // Without its SYN it is known by its sequence numbers.
        let unseen = (0..<20).map { segment(0x6000_0000 + $0, [UInt8($0)]) }
        let other = run(first + unseen)
        #expect(other.openings == [true, false] && other.endings.first == .replaced)
        #expect(Array(other.bytes.suffix(5)) == [15, 16, 17, 18, 19])
    }

    @Test func keepsTheFirstOfTwoVersions() {
        let outcome = run([segment(100, [], .syn), segment(103, [3, 4]), segment(101, [9, 9, 9, 9, 9])])
        #expect(outcome.bytes == [9, 9, 3, 4, 9])
        // A keep-alive repeats the last byte, with anything in it.
        #expect(
            run([segment(100, [], .syn), segment(101, [1, 2]), segment(102, [0]), segment(103, [3])]).bytes == [
                1, 2, 3,
            ])
    }

    @Test func passesOnWhatWasNotCaptured() {
        let outcome = run(
            [segment(100, [], .syn), segment(101, [1, 2], missing: 3), segment(106, [6])], finish: false)
        #expect(outcome.bytes == [1, 2, nil, nil, nil, 6] && outcome.gaps == [3])
    }

    @Test func forgetsTheLeastUseful() {
        var limits = TCPLimits()
        limits.streams = 2
        var reassembler = TCPReassembler(limits: limits)
        var events: [TCPEvent] = []
        func flow(_ port: UInt16) -> Flow {
            var flow = Self.flow
            flow.source.port = port
            return flow
        }
        for (index, port) in [UInt16(1), 2, 3, 4].enumerated() {
            let payload: [UInt8] = port == 1 ? [1] : []
            let segment = TCPSegment(flow: flow(port), sequence: 5, flags: .syn, payload: payload[...])
            reassembler.receive(segment, at: Int64(index), into: &events)
        }
        let evicted = events.filter { $0.kind == .closed(.evicted) }.map(\.flow.source.port)
        // The first carried data: the scanned ports go before it.
        #expect(evicted == [2, 3])
    }

    /// An eighth at a time: first what is closed, then what carried nothing, then what was silent for longest.
    @Test func forgetsAnEighthAtOnce() {
        var limits = TCPLimits()
        limits.streams = 32
        var reassembler = TCPReassembler(limits: limits)
        var events: [TCPEvent] = []
        for port in UInt16(0)..<33 {
            var flow = Self.flow
            flow.source.port = port
            var segments = [TCPSegment(flow: flow, sequence: 5, flags: .syn, payload: [])]
            if port != 20 { segments.append(TCPSegment(flow: flow, sequence: 6, flags: .ack, payload: [1])) }
            if port == 30 { segments.append(TCPSegment(flow: flow, sequence: 7, flags: .fin, payload: [])) }
            for segment in segments { reassembler.receive(segment, at: Int64(port), into: &events) }
        }
        // The closed one was closed before: being forgotten tells nothing more of it.
        #expect(events.filter { $0.kind == .closed(.evicted) }.map(\.flow.source.port) == [20, 0, 1])
        #expect(events.filter { $0.kind == .closed(.fin) }.map(\.flow.source.port) == [30])
    }
}
