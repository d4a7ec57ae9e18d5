import Testing

@testable import FrameProtocol

/// Pieces that wait, against a plain map from places to bytes.
struct WaitingSegmentsTests {
    private struct Model {
        var bytes: [UInt64: UInt8?] = [:]

        /// The first to arrive count; nil stands for a byte that is known to be missing.
        mutating func insert(_ piece: WaitingSegments.Piece) -> (repeated: UInt64, conflicting: UInt64) {
            var repeated: UInt64 = 0, conflicting: UInt64 = 0
            for place in piece.start..<piece.end {
                let byte: UInt8? =
                    piece.payload.isEmpty ? nil : piece.payload[piece.payload.startIndex + Int(place - piece.start)]
                guard let there = bytes[place] else {
                    bytes.updateValue(byte, forKey: place)
                    continue
                }
                repeated += 1
                if let there, let byte, there != byte { conflicting += 1 }
            }
            return (repeated, conflicting)
        }
    }

    private func check(_ waiting: WaitingSegments, _ model: Model) {
        var waiting = waiting
        var places = model.bytes.keys.sorted()[...]
        var (bytes, end) = (0, UInt64(0))
        #expect(waiting.end == places.last.map { $0 + 1 })
        let held = waiting.bytes
        while let piece = waiting.first {
            #expect(piece.start >= end && piece.count > 0)
            end = piece.end
            bytes += piece.payload.count + WaitingSegments.overhead
            for place in piece.start..<piece.end {
                let byte: UInt8? =
                    piece.payload.isEmpty ? nil : piece.payload[piece.payload.startIndex + Int(place - piece.start)]
                #expect(places.popFirst() == place && model.bytes[place] == .some(byte))
            }
            waiting.removeFirst()
        }
        #expect(places.isEmpty && bytes == held && waiting.bytes == 0)
    }

    @Test func holdsWhatAPlainMapHolds() {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<400 {
            var waiting = WaitingSegments()
            var model = Model()
            let longest = [3, 20, 200].randomElement(using: &generator)!
            for _ in 0..<Int.random(in: 1...40, using: &generator) {
                let count = Int.random(in: 1...longest, using: &generator)
                // Few values, so that some bytes agree and some do not.
                let payload = (0..<count).map { _ in UInt8.random(in: 0...1, using: &generator) }
                let isMissing = Int.random(in: 0..<8, using: &generator) == 0
                let piece = WaitingSegments.Piece(
                    start: UInt64.random(in: 1000...1200, using: &generator), payload: isMissing ? [] : payload[...],
                    count: UInt64(count), timestamp: 0)
                let (found, expected) = (waiting.insert(piece), model.insert(piece))
                #expect(found.repeated == expected.repeated && found.conflicting == expected.conflicting)
                // Now and then the first one leaves.
                if Int.random(in: 0..<10, using: &generator) == 0, let first = waiting.first {
                    for place in first.start..<first.end { model.bytes[place] = nil }
                    waiting.removeFirst()
                }
            }
            check(waiting, model)
        }
    }

    /// One segment fills thousands of holes: each of them, and nothing else.
    @Test func onePieceFillsThousandsOfHoles() {
        var waiting = WaitingSegments()
        var model = Model()
        for place in stride(from: UInt64(1001), to: 9000, by: 2) {
            let piece = WaitingSegments.Piece(start: place, payload: [7], count: 1, timestamp: 0)
            _ = waiting.insert(piece)
            _ = model.insert(piece)
        }
        let payload = (0..<8000).map { UInt8(truncatingIfNeeded: $0) }
        let piece = WaitingSegments.Piece(start: 1000, payload: payload[...], count: 8000, timestamp: 1)
        let (found, expected) = (waiting.insert(piece), model.insert(piece))
        #expect(found.repeated == expected.repeated && found.conflicting == expected.conflicting)
        #expect(waiting.count == 8000)
        check(waiting, model)
    }

    /// Pieces of one byte are few to search: each counts with what it costs.
    @Test func deliveredBytesAreBoundedInPiecesToo() {
        var delivered = DeliveredBytes(limit: 256 << 10)
        for place in UInt64(0)..<5000 { delivered.append([1], start: place, stream: 1) }
        #expect(delivered.conflicts([2], start: 4999, stream: 1) == 1)
        #expect(delivered.conflicts([2], start: 4000, stream: 1) == 1)
        #expect(delivered.conflicts([2], start: 3900, stream: 1) == 0, "no longer held")
        #expect(delivered.conflicts([2], start: 4999, stream: 2) == 0)
    }
}
