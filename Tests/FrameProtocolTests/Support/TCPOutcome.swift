import FrameProtocol
import Testing

/// Delivered bytes by their place in the stream, and the rest of what happened.
struct TCPOutcome {
    var bytes: [UInt8?] = []
    var gaps: [UInt64] = []
    var openings: [Bool] = []
    var endings: [TCPEvent.Ending] = []

    init() {}

    /// What becomes of segments of one flow, `step` ns apart.
    init(of segments: [TCPSegment], limits: TCPLimits = TCPLimits(), step: Int64 = 1_000_000, finish: Bool = true) {
        var reassembler = TCPReassembler(limits: limits)
        for (index, segment) in segments.enumerated() {
            var events: [TCPEvent] = []
            reassembler.receive(segment, at: Int64(index) * step, into: &events)
            add(events)
        }
        guard finish else { return }
        var events: [TCPEvent] = []
        reassembler.finish(into: &events)
        add(events)
        #expect(reassembler.waitingBytes == 0)
    }

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
