import Foundation

/// What a fake scanner sent, and each fault that it planted.
struct FakeScannerReport {
    private struct Counts {
        var parts = 0, frames = 0, bytes = 0
    }

    private let faults: ScannerFaults
    private var sources: [String: Counts] = [:]
    private var planted: [ScannerFaults.Kind: Int] = [:]

    init(faults: ScannerFaults) { self.faults = faults }

    mutating func sent(_ message: [[UInt8]], of source: String) {
        sources[source, default: Counts()].frames += 1
        sources[source]?.bytes += message.reduce(0) { $0 + $1.count }
    }

    /// The lines about a part that was sent.
    mutating func finish(_ part: FakeScanner.Part, of source: String, json: Bool) throws -> [String] {
        sources[source, default: Counts()].parts += 1
        for fault in part.planted { planted[fault.kind, default: 0] += 1 }
        guard !json else {
            return [
                try jsonLine(
                    PartLine(
                        source: source, partID: part.id, frames: part.frames, messages: part.slots.count,
                        points: part.points, firstSeq: part.seqs.lowerBound, lastSeq: part.seqs.upperBound,
                        faults: part.planted.map { .init(fault: $0.kind.rawValue, frame: $0.frame) }))
            ]
        }
        let faults = part.planted.map { "\($0.kind.rawValue) frame \($0.frame)" }
        return [
            "\(source)  \(printable(part.id))  \(part.frames) frames  \(part.points) points  seq "
                + "\(part.seqs.lowerBound) to \(part.seqs.upperBound)"
                + (faults.isEmpty ? "" : "  planted: " + faults.joined(separator: ", "))
        ]
    }

    /// The counts at the end.
    func summary(json: Bool) throws -> [String] {
        let always = [
            faults.wrongUnit ? "wrong-unit" : nil, faults.noType ? "no-type" : nil,
            faults.unknownType ? "unknown-type" : nil,
            faults.clockSkew != 0 ? "clock-skew=\(faults.clockSkew)" : nil,
        ].compactMap { $0 }
        guard !json else {
            return [
                try jsonLine(
                    Summary(
                        parts: sources.mapValues(\.parts), messages: sources.mapValues(\.frames),
                        bytes: sources.mapValues(\.bytes),
                        faults: Dictionary(uniqueKeysWithValues: planted.map { ($0.key.rawValue, $0.value) }),
                        everyFrame: always))
            ]
        }
        var lines = sources.sorted { $0.key < $1.key }.map { name, counts in
            "\(name): \(counts.parts) parts in \(counts.frames) messages, \(TapDisplay.bytes(counts.bytes))"
        }
        lines += planted.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            "planted \($0.value) x \($0.key.rawValue): \($0.key.help)"
        }
        if !always.isEmpty { lines.append("of every frame: \(always.joined(separator: ", "))") }
        return lines
    }

    private struct PartLine: Encodable {
        struct Fault: Encodable {
            var fault: String
            var frame: Int
        }
        var event = "part"
        var source: String, partID: String
        var frames: Int, messages: Int, points: Int
        var firstSeq: UInt64, lastSeq: UInt64
        var faults: [Fault]
    }

    private struct Summary: Encodable {
        var event = "summary"
        var parts: [String: Int], messages: [String: Int], bytes: [String: Int], faults: [String: Int]
        var everyFrame: [String]
    }
}
