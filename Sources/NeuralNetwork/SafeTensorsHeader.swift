import Foundation

/// A file's header, checked against the bytes that are there.
struct SafeTensorsHeader {
    struct Entry {
        let name: String
        let type: String
        let shape: [Int]
        let begin: Int
        let end: Int
    }

    private(set) var metadata: [String: String] = [:]
    /// In the order of their data.
    private(set) var entries: [Entry] = []
    let dataStart: Int

    /// Bytes of one element of each type of the format that has whole bytes.
    private static let sizes = [
        "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2, "I32": 4,
        "U32": 4, "F32": 4, "F64": 8, "I64": 8, "U64": 8,
    ]

    init(_ bytes: [UInt8], limits: SafeTensors.Limits) throws(NeuralNetworkError) {
        guard bytes.count >= 8 else {
            throw NeuralNetworkError(
                .header, "a safetensors file begins with 8 bytes of header length; this one has \(bytes.count) bytes")
        }
        let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(limits.headerBytes), length <= UInt64(bytes.count - 8) else {
            throw NeuralNetworkError(
                .header,
                "the header claims \(length) bytes; at most \(min(limits.headerBytes, bytes.count - 8)) can be. "
                    + "Is this a safetensors file, and was it copied whole?")
        }
        dataStart = 8 + Int(length)
        let json = try Self.parse(bytes[8..<dataStart])
        guard json.tensors.count <= limits.tensors else {
            throw NeuralNetworkError(
                .header, "the header names \(json.tensors.count) tensors; at most \(limits.tensors) are read")
        }
        metadata = json.metadata
        let dataCount = bytes.count - dataStart
        for (name, tensor) in json.tensors {
            entries.append(try Self.check(name, tensor, dataCount: dataCount, limits: limits))
        }
        entries.sort { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }
        try checkCoverage(dataCount)
    }

    private static func parse(_ header: ArraySlice<UInt8>) throws(NeuralNetworkError) -> JSON {
        do {
            return try JSONDecoder().decode(JSON.self, from: Data(header))
        } catch {
            throw NeuralNetworkError(
                .header,
                "the header is not the JSON of safetensors (name -> dtype, shape, data_offsets; __metadata__ of strings)"
            )
        }
    }

    private static func check(
        _ name: String, _ tensor: JSON.Tensor, dataCount: Int, limits: SafeTensors.Limits
    ) throws(NeuralNetworkError) -> Entry {
        guard let size = sizes[tensor.dtype] else {
            throw NeuralNetworkError(.dataType, "tensor '\(name)' is of the unknown type '\(tensor.dtype)'")
        }
        guard tensor.data_offsets.count == 2, tensor.data_offsets[0] >= 0,
            tensor.data_offsets[1] >= tensor.data_offsets[0], tensor.data_offsets[1] <= dataCount
        else {
            throw NeuralNetworkError(
                .dataRange, "tensor '\(name)' has data_offsets \(tensor.data_offsets), with \(dataCount) bytes of data")
        }
        var expected = size, overflow = tensor.shape.count > limits.dimensions
        for dimension in tensor.shape where !overflow {
            let product = expected.multipliedReportingOverflow(by: dimension)
            overflow = dimension < 0 || product.overflow
            expected = product.partialValue
        }
        let found = tensor.data_offsets[1] - tensor.data_offsets[0]
        guard !overflow, expected == found else {
            throw NeuralNetworkError(
                .dataRange,
                "tensor '\(name)' of shape \(tensor.shape) and type \(tensor.dtype) has \(found) bytes of data")
        }
        return Entry(
            name: name, type: tensor.dtype, shape: tensor.shape, begin: tensor.data_offsets[0],
            end: tensor.data_offsets[1])
    }

    private func checkCoverage(_ dataCount: Int) throws(NeuralNetworkError) {
        var end = 0
        for entry in entries {
            guard entry.begin == end else {
                throw NeuralNetworkError(
                    .dataRange,
                    "tensor '\(entry.name)' begins at byte \(entry.begin) of the data, and the one before it ends at \(end)"
                )
            }
            end = entry.end
        }
        guard end == dataCount else {
            throw NeuralNetworkError(
                .dataRange, "the tensors end at byte \(end) of the data, and the file at \(dataCount)")
        }
    }
}

extension SafeTensorsHeader {
    /// The header as it is written.
    struct JSON: Decodable {
        struct Tensor: Decodable {
            let dtype: String
            let shape: [Int]
            let data_offsets: [Int]
        }

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        var metadata: [String: String] = [:]
        var tensors: [String: Tensor] = [:]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            for key in container.allKeys {
                if key.stringValue == "__metadata__" {
                    metadata = try container.decode([String: String].self, forKey: key)
                } else {
                    tensors[key.stringValue] = try container.decode(Tensor.self, forKey: key)
                }
            }
        }
    }
}
