import FrameProtocol
import TestCaptures
import Testing

struct TCPReassemblerTests {
    private static let flow = PacketBuilder().flow

    /// Delivered bytes by their place in the stream, and the rest of what happened.
    private struct Outcome {
        var bytes: [UInt8?] = []
        var gaps: [UInt64] = []
        var openings: [Bool] = []
        var endings: [TCPEvent.Ending] = []

        mutating func add(_ events: [TCPEvent]) {
            for event in events {
                switch event.kind {
                case .opened(let atBeginning): openings.append(atBeginning)
                case .bytes(let slice): bytes += slice.map { $0 }
                case .gap(let count):
                    gaps.append(count)
                    bytes += [UInt8?](repeating: nil, count: Int(count))
                case .closed(let ending): endings.append(ending)
                }
            }
        }
    }

    private func segment(
        _ sequence: UInt32, _ payload: [UInt8] = [], _ flags: TCPSegment.Flags = [.ack], missing: Int = 0
    ) -> TCPSegment {
        TCPSegment(flow: Self.flow, sequence: sequence, flags: flags, payload: payload[...], missing: missing)
    }

    private func run(
        _ segments: [TCPSegment], limits: TCPLimits = TCPLimits(), step: Int64 = 1_000_000, finish: Bool = true
    ) -> Outcome {
        var reassembler = TCPReassembler(limits: limits)
        var outcome = Outcome()
        for (index, segment) in segments.enumerated() {
            var events: [TCPEvent] = []
            reassembler.receive(segment, at: Int64(index) * step, into: &events)
            outcome.add(events)
        }
        var events: [TCPEvent] = []
        if finish { reassembler.finish(into: &events) }
        outcome.add(events)
        if finish { #expect(reassembler.waitingBytes == 0) }
        return outcome
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

    @Test func endsByFINAndRST() {
        let start = segment(100, [], .syn)
        let fin = run([start, segment(103, [3], [.fin, .ack]), segment(101, [1, 2])], finish: false)
        #expect(fin.bytes == [1, 2, 3] && fin.endings == [.fin])
        let rst = run([start, segment(103, [3]), segment(104, [], [.rst])], finish: false)
        #expect(rst.bytes == [nil, nil, 3] && rst.endings == [.rst])
        let cut = run([start, segment(101, [1]), segment(104, [], [.fin])])
        #expect(cut.bytes == [1, nil, nil] && cut.gaps == [2] && cut.endings == [.captureEnded])
        // A reset far from the stream is somebody else's.
        #expect(run([start, segment(101, [1]), segment(0x7000_0000, [], .rst)], finish: false).endings.isEmpty)
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
}
