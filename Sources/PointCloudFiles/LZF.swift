/// The decoder of LibLZF's format, as PCD's `binary_compressed` uses it.
enum LZF {
    /// Why a block was refused, and at which of its bytes.
    struct Fault: Error, Equatable {
        enum Kind { case inputEnds, outputFull, pointsBeforeStart, outputShort }
        var kind: Kind
        var offset: Int
    }

    /// A block cannot grow by more: three bytes make at most 264.
    static let greatestExpansion = 88

    /// Decodes `input` to exactly `count` bytes.
    ///
    /// A control byte below 32 is followed by that many plus one literal bytes. Any other holds a length in its upper
    /// three bits (7: one more byte is added) and the upper five of the distance back, whose lower eight follow.
    /// - Precondition: `count` has been held against `greatestExpansion`.
    static func decode(_ input: ArraySlice<UInt8>, count: Int) throws(Fault) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: count)
        var written = 0
        var at = input.startIndex
        let end = input.endIndex
        func fault(_ kind: Fault.Kind) -> Fault { Fault(kind: kind, offset: at - input.startIndex) }
        while at < end {
            let control = Int(input[at])
            at += 1
            if control < 32 {
                let length = control + 1
                guard end - at >= length else { throw fault(.inputEnds) }
                guard count - written >= length else { throw fault(.outputFull) }
                for i in 0..<length { output[written + i] = input[at + i] }
                at += length
                written += length
                continue
            }
            var length = control >> 5
            if length == 7 {
                guard at < end else { throw fault(.inputEnds) }
                length += Int(input[at])
                at += 1
            }
            length += 2
            guard at < end else { throw fault(.inputEnds) }
            let distance = (control & 31) << 8 + Int(input[at]) + 1
            at += 1
            guard distance <= written else { throw fault(.pointsBeforeStart) }
            guard count - written >= length else { throw fault(.outputFull) }
            // Byte by byte: source and target may overlap, and then repeat.
            for i in 0..<length { output[written + i] = output[written - distance + i] }
            written += length
        }
        guard written == count else { throw fault(.outputShort) }
        return output
    }
}
