import Foundation
import FrameProtocol
import SeededRandom
import Threads

/// A scanner that is none: clouds as `pcf/1` messages, with faults on request. Pure but for the clock: it makes messages, the
/// command sends them.
struct FakeScanner {
    struct Settings: Sendable {
        var framesPerPart = 4
        var partType: String?
        var unit = LengthUnit.millimeters
        var faults = ScannerFaults()
        var seed: UInt64 = 1
    }

    /// A message to be sent, and what was planted in it.
    struct Message {
        var parts: [[UInt8]]
        var index: Int
        var seq: UInt64
        var faults: [ScannerFaults.Kind]
    }

    /// One part's messages in the order in which they are sent; dropped ones are in `planted` only.
    struct Part {
        var id: String
        var frames: Int
        var points: Int
        var messages: [Message]
        var planted: [(kind: ScannerFaults.Kind, frame: Int)]
        var seqs: ClosedRange<UInt64>
    }

    let source: String
    private(set) var session: String
    private let settings: Settings
    private let wallClock: any WallClock
    private var random: SplitMix64
    private var seq: UInt64 = 0
    private var restarts = 0

    init(source: String, session: String, settings: Settings, wallClock: any WallClock = SystemWallClock()) {
        self.source = source
        self.session = session
        self.settings = settings
        self.wallClock = wallClock
        random = SplitMix64(seed: SplitMix64.seed(settings.seed, stream: FNV1a.of(source)))
    }

    /// A part of `points` (mm), cut into frames of about equal size.
    mutating func part(_ id: String, points: [SIMD3<Float>]) throws(FrameRefusal) -> Part {
        let count = settings.framesPerPart
        let firstSeq = seq
        var messages: [Message] = [], planted: [(ScannerFaults.Kind, Int)] = []
        for index in 0..<count {
            let faults = draw(isLast: index == count - 1)
            planted += faults.map { ($0, index) }
            if faults.contains(.restart) {
                restarts += 1
                session += "r\(restarts)"
                seq = 0
            }
            let range = (points.count * index / count)..<(points.count * (index + 1) / count)
            let message = try message(
                id, points: points[range], index: index, count: count, faults: faults)
            seq += 1
            if faults.contains(.drop) { continue }
            messages.append(message)
            if faults.contains(.duplicate) { messages.append(message) }
        }
        for index in messages.indices.dropLast() where messages[index].faults.contains(.reorder) {
            messages.swapAt(index, index + 1)
            messages[index + 1].faults.removeAll { $0 == .reorder }
        }
        return Part(
            id: id, frames: count, points: points.count, messages: messages, planted: planted,
            seqs: min(firstSeq, seq - 1)...(seq - 1))
    }

    private mutating func draw(isLast: Bool) -> [ScannerFaults.Kind] {
        // Every kind draws for every frame, so that one more fault does not move the others.
        ScannerFaults.Kind.allCases.filter { kind in
            let value = random.unit()
            guard let share = settings.faults.shares[kind], value < share else { return false }
            return kind == .noEnd ? isLast : kind == .reorder ? !isLast : true
        }
    }

    private mutating func message(
        _ id: String, points: ArraySlice<SIMD3<Float>>, index: Int, count: Int, faults: [ScannerFaults.Kind]
    ) throws(FrameRefusal) -> Message {
        let now = wallClock.unixNanoseconds
        let skew = settings.faults.clockSkew * 1e9
        let scanner = skew >= 0 ? now &+ UInt64(skew) : now - min(now, UInt64(-skew))
        var header = FrameHeader(
            source: source, session: session, seq: seq, partID: id, frameIndex: UInt32(index),
            endOfPart: index == count - 1 && !faults.contains(.noEnd), captureNanoseconds: scanner,
            unit: settings.faults.wrongUnit ? .meters : settings.unit)
        header.sendNanoseconds = scanner
        header.framesTotal = faults.contains(.noEnd) ? nil : UInt32(count)
        header.partType =
            settings.faults.unknownType ? "no-such-type" : settings.faults.noType ? nil : settings.partType
        let scale: Float =
            switch settings.unit {
            case .millimeters: 1
            case .meters: 0.001
            case .micrometers: 1000
            }
        var values = points.map { $0 * scale }
        if faults.contains(.nan) {
            for place in values.indices where place % 10 == 0 { values[place].x = .nan }
            header.isDense = false
        }
        var parts = try FrameEncoder().encode(header, points: values)
        if faults.contains(.corrupt), !parts[2].isEmpty { parts[2][random.next(below: parts[2].count)] ^= 0x55 }
        if faults.contains(.truncate) { parts[2] = Array(parts[2].dropLast(max(1, parts[2].count / 10))) }
        if faults.contains(.malformed) { parts[1] = Array(parts[1].dropLast(parts[1].count / 3)) }
        return Message(parts: parts, index: index, seq: seq, faults: faults)
    }
}

extension FNV1a {
    static func of(_ text: String) -> UInt64 {
        var hash = FNV1a()
        hash.add(text.utf8)
        return hash.value
    }
}
