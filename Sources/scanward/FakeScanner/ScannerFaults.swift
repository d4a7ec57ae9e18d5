import ArgumentParser

/// Faults that a fake scanner plants, as `--fault` names them: `drop=0.01,wrong-unit,clock-skew=3600`.
struct ScannerFaults: Sendable, Equatable {
    /// Faults that strike a share of the frames.
    enum Kind: String, CaseIterable, Sendable {
        /// Not sent; its `seq` is missing.
        case drop
        /// One byte of the points changed after the checksum was computed.
        case corrupt
        /// Points cut off: fewer bytes than the header says.
        case truncate
        /// The header is cut off within its JSON.
        case malformed
        /// Sent twice.
        case duplicate
        /// Sent after the frame that comes behind it.
        case reorder
        /// A part's last frame does not say `end_of_part`.
        case noEnd = "no-end"
        /// A tenth of the points are NaN.
        case nan
        /// The publisher begins a new session within the part.
        case restart

        var help: String {
            switch self {
            case .drop: "frame is not sent"
            case .corrupt: "a byte of its points is changed behind the checksum"
            case .truncate: "its points are cut off"
            case .malformed: "its header is cut off"
            case .duplicate: "frame is sent twice"
            case .reorder: "frame comes after the one behind it"
            case .noEnd: "a part's last frame does not say end_of_part"
            case .nan: "a tenth of its points are NaN"
            case .restart: "a new session begins with the frame"
            }
        }
    }

    /// Share of the frames by kind, above 0 and up to 1.
    var shares: [Kind: Double] = [:]
    /// Metres in the header, millimetres in the points.
    var wrongUnit = false
    /// No `part_type`, or one that no model is taught for.
    var noType = false, unknownType = false
    /// Added to the scanner's clock, s.
    var clockSkew = 0.0

    static let bareShare = 0.1

    init() {}

    /// - Throws: `ValidationError` with what is known.
    init(parsing text: String) throws {
        for word in text.split(separator: ",") {
            let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let value = pair.count == 2 ? Double(pair[1]) : nil
            func number(_ range: ClosedRange<Double>, _ expected: String) throws -> Double {
                guard let value, range.contains(value) else {
                    throw ValidationError("--fault \(pair[0]): expected \(expected), found \"\(word)\"")
                }
                return value
            }
            switch pair[0] {
            case "wrong-unit", "no-type", "unknown-type":
                guard pair.count == 1 else { throw ValidationError("--fault \(pair[0]) takes no value") }
                switch pair[0] {
                case "wrong-unit": wrongUnit = true
                case "no-type": noType = true
                default: unknownType = true
                }
            case "clock-skew": clockSkew = try number(-1e9...1e9, "=SECONDS, such as clock-skew=3600")
            default:
                guard let kind = Kind(rawValue: pair[0]) else {
                    let known =
                        Kind.allCases.map { "\($0.rawValue)[=SHARE]" } + [
                            "wrong-unit", "no-type", "unknown-type", "clock-skew=SECONDS",
                        ]
                    throw ValidationError("--fault: expected \(known.joined(separator: ", ")), found \"\(word)\"")
                }
                shares[kind] = pair.count == 1 ? Self.bareShare : try number(1e-9...1, "a share above 0 and up to 1")
            }
        }
    }
}
