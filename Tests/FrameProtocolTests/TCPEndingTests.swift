import FrameProtocol
import TestCaptures
import Testing

/// FIN and RST wait for what lies before them, and cost nothing where they are none.
struct TCPEndingTests {
    private func segment(
        _ sequence: UInt32, _ payload: [UInt8] = [], _ flags: TCPSegment.Flags = [.ack]
    ) -> TCPSegment {
        TCPSegment(flow: PacketBuilder().flow, sequence: sequence, flags: flags, payload: payload[...])
    }

    private var start: TCPSegment { segment(100, [], .syn) }

    @Test func aFINEndsTheStreamOnceAllBeforeItIsThere() {
        let fin = TCPOutcome(of: [start, segment(103, [3], [.fin, .ack]), segment(101, [1, 2])], finish: false)
        #expect(fin.bytes == [1, 2, 3] && fin.endings == [.fin])
        let cut = TCPOutcome(of: [start, segment(101, [1]), segment(104, [], [.fin])])
        #expect(cut.bytes == [1, nil, nil] && cut.gaps == [2] && cut.endings == [.captureEnded])
    }

    @Test func anRSTWaitsAsAFINDoes() {
        let early = [start, segment(103, [3]), segment(104, [], .rst)]
        let waits = TCPOutcome(of: early, finish: false)
        #expect(waits.bytes.isEmpty && waits.endings.isEmpty)
        let late = TCPOutcome(of: early + [segment(101, [1, 2])], finish: false)
        #expect(late.bytes == [1, 2, 3] && late.endings == [.rst])
        let missing = TCPOutcome(of: early)
        #expect(missing.bytes == [nil, nil, 3] && missing.endings == [.rst])
        let atOnce = TCPOutcome(of: [start, segment(101, [1]), segment(102, [], .rst)], finish: false)
        #expect(atOnce.bytes == [1] && atOnce.endings == [.rst])
    }

    @Test(arguments: [TCPSegment.Flags.fin, .rst])
    func oneBehindWhatWasSentIsNone(_ flag: TCPSegment.Flags) {
        let rest = [segment(104, [4]), segment(105, [5])]
        // Behind what was delivered; with a payload that came before; far away.
        for sequence in [101, 103, 0x7000_0000] as [UInt32] {
            let outcome = TCPOutcome(
                of: [start, segment(101, [1, 2, 3]), segment(sequence, [], flag)] + rest, finish: false)
            #expect(outcome.bytes == [1, 2, 3, 4, 5] && outcome.endings.isEmpty && outcome.gaps.isEmpty)
        }
        // Where a segment beyond it waits already, or comes later.
        let waiting = TCPOutcome(
            of: [start, segment(101, [1]), segment(105, [5]), segment(102, [], flag), segment(102, [2, 3, 4])],
            finish: false)
        #expect(waiting.bytes == [1, 2, 3, 4, 5] && waiting.endings.isEmpty)
        let beyond = TCPOutcome(
            of: [start, segment(103, [], flag), segment(104, [4]), segment(101, [1, 2, 3]), segment(105, [5])],
            finish: false)
        #expect(beyond.bytes == [1, 2, 3, 4, 5] && beyond.endings.isEmpty)
    }

    /// The end does not settle where a stream without SYN begins.
    @Test(arguments: [TCPSegment.Flags.fin, .rst])
    func oneThatComesEarlyLeavesTheBeginningOpen(_ flag: TCPSegment.Flags) {
        let outcome = TCPOutcome(of: [segment(105, [5]), segment(106, [], flag), segment(103, [3]), segment(104, [4])])
        #expect(outcome.bytes == [3, 4, 5] && outcome.openings == [false])
        #expect(outcome.endings == [flag == .fin ? .fin : .rst])
        // The next connection on the same ports is no late SYN of it.
        let next = TCPOutcome(
            of: [segment(105, [5]), segment(106, [], flag), segment(9000, [], .syn), segment(9001, [9])])
        #expect(next.bytes == [5, 9] && next.openings == [false, true])
    }

    @Test func aRepeatedSYNAfterTheEndOpensNothing() {
        let whole = [start, segment(101, [1, 2]), segment(103, [], .fin)]
        let outcome = TCPOutcome(of: whole + whole)
        #expect(outcome.bytes == [1, 2] && outcome.openings == [true] && outcome.endings == [.fin])
    }

    /// Connections that end by FIN or RST, every packet out of its place: all messages are there.
    @Test(arguments: DamagedCapture.Closing.allCases)
    func aReorderedEndCostsNothing(_ closing: DamagedCapture.Closing) throws {
        for seed in UInt64(0)..<40 {
            var damage = DamagedCapture.Damage()
            damage.reordering = 32
            damage.repeated = 0.1
            damage.closing = closing
            let capture = try DamagedCapture(seed: seed, messages: 1 + Int(seed % 6), damage)
            var decoder = CaptureDecoder()
            var found = capture.packets.flatMap { decoder.receive($0) }
            found += decoder.finish()
            #expect(found.map(\.parts) == capture.sent && capture.whole.count == capture.sent.count)
            #expect(decoder.statistics.lossCount == 0 && decoder.statistics.total.gaps == 0, "seed \(seed)")
        }
    }
}
