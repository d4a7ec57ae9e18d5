import Evaluation
import Foundation

/// Every point's and part's score, for other programs to check ours: `<row>/<class>/<sample>.npy` (float32, in the order of
/// the cloud) and `<row>/scores.csv` (class,sample,object_score).
struct PredictionFiles: Sendable {
    let folder: URL

    /// NumPy's format 1.0: one axis, float32, little-endian.
    static func npy(_ values: [Float]) -> [UInt8] {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(values.count),), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        let length = UInt16(header.utf8.count)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(header.utf8)
            + values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) }
    }

    func url(row: String, partClass: String, sample: String) -> URL {
        folder.appending(path: "\(row)/\(partClass)/\(sample).npy")
    }

    func write(_ bytes: [UInt8], row: String, partClass: String, sample: String) throws {
        try Self.write(bytes, to: url(row: row, partClass: partClass, sample: sample))
    }

    /// Whether all files of a stored result are there, byte by byte.
    func hold(_ result: ClassResult) -> Bool {
        result.rows.allSatisfy { row in
            result.parts.allSatisfy { part in
                let file = url(row: row.name, partClass: result.partClass, sample: part.name)
                guard let known = part.predictions[row.name], let data = try? Data(contentsOf: file) else {
                    return false
                }
                return sha256([UInt8](data)) == known
            }
        }
    }

    /// A part that could not be judged has the score of a rejected one, higher than all others.
    func writeScores(_ results: [ClassResult]) throws {
        var tables: [String: String] = [:]
        for result in results {
            for row in result.rows {
                for part in result.parts {
                    tables[row.name, default: "class,sample,object_score\n"] +=
                        "\(result.partClass),\(part.name),\(Double(part.rank(in: row.name)))\n"
                }
            }
        }
        for (row, table) in tables.sorted(by: { $0.key < $1.key }) {
            try Self.write(Array(table.utf8), to: folder.appending(path: "\(row)/scores.csv"))
        }
    }

    /// Through a file of another name, so that being stopped leaves no half file.
    static func write(_ bytes: [UInt8], to file: URL) throws {
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file, options: .atomic)
        } catch {
            throw Failure("\(file.path) cannot be written: \(error.localizedDescription)")
        }
    }
}
