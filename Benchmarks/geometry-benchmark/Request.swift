import BenchmarkArguments
import Foundation
import ParallelLoops

/// What the command line asks for.
struct Request {
    var operation: String
    /// nil for the whole suite.
    var file: String?
    var threads = 1
    var repetitions = 5

    init(_ arguments: [String]) throws {
        var plain: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--threads": threads = try positive(rest.popFirst(), after: argument)
            case "--reps": repetitions = try positive(rest.popFirst(), after: argument)
            default: plain.append(argument)
            }
        }
        guard plain == ["all"] || plain.count >= 2 else {
            throw Refusal(message: "expected all, or OP FILE [--threads N] [--reps N], found \(arguments)")
        }
        operation = plain[0]
        file = plain.count > 1 ? plain[1] : nil
    }
}

/// The file's bytes, and what operations derive from them before the clock starts.
final class Input {
    private(set) var bytes: [UInt8]
    let workers: Workers

    init(bytes: [UInt8], workers: Workers) {
        self.bytes = bytes
        self.workers = workers
    }

    convenience init(file: String, threads: Int) throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Refusal(message: "cannot read \(file)")
        }
        self.init(bytes: [UInt8](data), workers: Workers(count: threads))
    }

    /// The bytes as float32 triples; they are given up, so that the memory measured is the operation's.
    func points() throws -> [SIMD3<Float>] {
        guard bytes.count % 12 == 0, !bytes.isEmpty else {
            throw Refusal(message: "expected float32 x y z triples, found \(bytes.count) bytes")
        }
        defer { bytes = [] }
        return bytes.withUnsafeBytes { raw in
            func value(_ offset: Int) -> Float {
                Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            }
            return stride(from: 0, to: bytes.count, by: 12).map { SIMD3(value($0), value($0 + 4), value($0 + 8)) }
        }
    }
}
