/// Named tensors of floats, as in a safetensors file: an 8-byte little-endian header length, a JSON header, the data
/// (https://github.com/huggingface/safetensors#format).
public struct SafeTensors: Sendable, Equatable {
    public struct Tensor: Sendable, Equatable {
        public let shape: [Int]
        /// By rows; `shape`'s product many.
        public let values: [Float]

        public init(shape: [Int], values: [Float]) {
            precondition(shape.reduce(1, *) == values.count)
            self.shape = shape
            self.values = values
        }
    }

    /// How floats are stored.
    public enum DataType: String, Sendable, CaseIterable {
        case float32 = "F32"
        case float16 = "F16"
        case bfloat16 = "BF16"

        var size: Int { self == .float32 ? 4 : 2 }
    }

    public var tensors: [String: Tensor]
    /// The header's `__metadata__`.
    public var metadata: [String: String]
    /// Tensors of other types (counters, say) that the file held: checked, but not read.
    public private(set) var skipped: [String] = []

    public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    /// Bounds on what a file may ask for before its data is looked at.
    public struct Limits: Sendable {
        public var headerBytes = 4 << 20
        public var tensors = 10_000
        public var dimensions = 8
        public init() {}
    }

    /// The whole of a file.
    ///
    /// Nothing in the header is believed: every range must lie in the data, fit its shape and type, and together they
    /// must cover it without overlap or hole.
    public init(decoding bytes: [UInt8], limits: Limits = Limits()) throws(NeuralNetworkError) {
        self.init()
        let header = try SafeTensorsHeader(bytes, limits: limits)
        metadata = header.metadata
        for entry in header.entries {
            guard let type = DataType(rawValue: entry.type) else {
                skipped.append(entry.name)
                continue
            }
            let range = header.dataStart + entry.begin..<header.dataStart + entry.end
            tensors[entry.name] = Tensor(shape: entry.shape, values: type.decode(bytes[range]))
        }
    }
}

extension SafeTensors.DataType {
    func decode(_ bytes: ArraySlice<UInt8>) -> [Float] {
        bytes.withUnsafeBytes { source in
            [Float](unsafeUninitializedCapacity: source.count / size) { target, count in
                count = source.count / size
                for index in 0..<count {
                    switch self {
                    case .float32:
                        let bits = source.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                        target[index] = Float(bitPattern: UInt32(littleEndian: bits))
                    case .float16:
                        let bits = source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                        target[index] = Float(halfBits: UInt16(littleEndian: bits))
                    case .bfloat16:
                        let bits = source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                        target[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
                    }
                }
            }
        }
    }
}
