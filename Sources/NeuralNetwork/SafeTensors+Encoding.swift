import Foundation

extension SafeTensors {
    /// The bytes of a file, tensors by name: equal contents give equal bytes.
    ///
    /// Rounds to nearest, ties to even, for the 16-bit types.
    /// - Parameter exceptions: tensors that are stored in another type, by name.
    public func encoded(as type: DataType = .float32, except exceptions: [String: DataType] = [:]) -> [UInt8] {
        let names = tensors.keys.sorted()
        var fields: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(Self.json($0.key)):\(Self.json($0.value))" }
            fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for name in names {
            guard let tensor = tensors[name] else { continue }
            let type = exceptions[name] ?? type
            let end = offset + tensor.values.count * type.size
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            fields.append(
                "\(Self.json(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var header = [UInt8]("{\(fields.joined(separator: ","))}".utf8)
        // The data begins at a multiple of 8, as the reference implementation has it.
        while header.count % 8 != 0 { header.append(0x20) }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + header.count + offset)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: header)
        for name in names { (exceptions[name] ?? type).append(tensors[name]?.values ?? [], to: &bytes) }
        return bytes
    }

    private static func json(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<"\u{20}": result += String(format: "\\u%04x", scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension SafeTensors.DataType {
    func append(_ values: [Float], to bytes: inout [UInt8]) {
        for value in values {
            switch self {
            case .float32:
                withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
            case .float16:
                withUnsafeBytes(of: value.halfBits.littleEndian) { bytes.append(contentsOf: $0) }
            case .bfloat16:
                withUnsafeBytes(of: value.bfloatBits.littleEndian) { bytes.append(contentsOf: $0) }
            }
        }
    }
}
