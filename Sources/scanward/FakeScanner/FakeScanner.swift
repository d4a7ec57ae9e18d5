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

    /// A frame to be sent, and what is planted in it.
    struct Slot {
        var partID: String
        var session: String
        var seq: UInt64
        var index: Int
        var points: ArraySlice<SIMD3<Float>>
        var faults: [ScannerFaults.Kind]
    }

    /// One part's frames in the order in which they are sent; dropped ones are in `planted` only.
    struct Part {
        var id: String
        var frames: Int
        var points: Int
        var slots: [Slot]
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
    private let firstSession: String

    init(source: String, session: String, settings: Settings, wallClock: any WallClock = SystemWallClock()) {
        self.source = source
        self.session = session
        firstSession = session
        self.settings = settings
        self.wallClock = wallClock
        random = SplitMix64(seed: SplitMix64.seed(settings.seed, stream: FNV1a.of(source)))
    }

    /// A part of `points` (mm), cut into frames of about equal size.
    mutating func part(_ id: String, points: [SIMD3<Float>]) -> Part {
        let count = settings.framesPerPart
        let firstSeq = seq
        var slots: [Slot] = [], planted: [(ScannerFaults.Kind, Int)] = []
        for index in 0..<count {
            let faults = draw(isLast: index == count - 1)
            planted += faults.filter { $0 != .reorder }.map { ($0, index) }
            if faults.contains(.restart) {
                restarts += 1
                session = "\(firstSession.prefix(48))-\(restarts)"
                seq = 0
            }
            let range = (points.count * index / count)..<(points.count * (index + 1) / count)
            let slot = Slot(
                partID: id, session: session, seq: seq, index: index, points: points[range], faults: faults)
            seq += 1
            if faults.contains(.drop) { continue }
            slots.append(slot)
            if faults.contains(.duplicate) { slots.append(slot) }
        }
        var place = 0
        while place + 1 < slots.count {
            if slots[place].faults.contains(.reorder), slots[place].index != slots[place + 1].index {
                planted.append((.reorder, slots[place].index))
                slots.swapAt(place, place + 1)
                place += 1
            }
            place += 1
        }
        return Part(
            id: id, frames: count, points: points.count, slots: slots, planted: planted,
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

    /// The message of a frame, as sent now.
    func message(_ slot: Slot) throws(FrameRefusal) -> [[UInt8]] {
        let now = wallClock.unixNanoseconds, faults = slot.faults
        let skew = settings.faults.clockSkew * 1e9
        let scanner = skew >= 0 ? now &+ UInt64(skew) : now - min(now, UInt64(-skew))
        let isLast = slot.index == settings.framesPerPart - 1
        var header = FrameHeader(
            source: source, session: slot.session, seq: slot.seq, partID: slot.partID, frameIndex: UInt32(slot.index),
            endOfPart: isLast && !faults.contains(.noEnd), captureNanoseconds: scanner,
            unit: settings.faults.wrongUnit ? .meters : settings.unit)
        header.sendNanoseconds = scanner
        header.framesTotal = settings.faults.shares[.noEnd] == nil ? UInt32(settings.framesPerPart) : nil
        header.partType =
            settings.faults.unknownType ? "no-such-type" : settings.faults.noType ? nil : settings.partType
        let scale: Float =
            switch settings.unit {
            case .millimeters: 1
            case .meters: 0.001
            case .micrometers: 1000
            }
        var values = slot.points.map { $0 * scale }
        if faults.contains(.nan) {
            for place in values.indices where place % 10 == 0 { values[place].x = .nan }
            header.isDense = false
        }
        var parts = try FrameEncoder().encode(header, points: values)
        var random = SplitMix64(seed: SplitMix64.seed(settings.seed, stream: slot.seq))
        if faults.contains(.corrupt), !parts[2].isEmpty { parts[2][random.next(below: parts[2].count)] ^= 0x55 }
        if faults.contains(.truncate) { parts[2] = Array(parts[2].dropLast(max(1, parts[2].count / 10))) }
        if faults.contains(.malformed) { parts[1] = Array(parts[1].dropLast(parts[1].count / 3)) }
        return parts
    }
}

extension FNV1a {
    static func of(_ text: String) -> UInt64 {
        var hash = FNV1a()
        hash.add(text.utf8)
        return hash.value
    }
}
