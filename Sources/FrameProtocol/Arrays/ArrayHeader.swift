/// What the first part of a bare array's message says: type and shape of the second part.
///
/// Read as pyzmq's `send_array` recipe writes it, `{"dtype": "float32", "shape": [N, 3]}`, and as PSI's `array-1.0` does,
/// `{"htype": "array-1.0", "type": "float32", "shape": [N, 3], "frame": 17, "endianess": "little"}` (so spelt; `htype` may also
/// be a list that begins with it). Other keys are passed over.
struct ArrayHeader: Sendable, Equatable {
    /// PSI's name and version; another version may mean anything.
    static let psi = "array-1.0"

    var dtype: ScalarType
    /// Rows of points, and numbers in a row: x, y, z and whatever follows.
    var rows: Int
    var columns: Int
    /// PSI's `frame`: one more for each array.
    var number: UInt64?

    /// - Throws: a refusal that names the key.
    init(_ members: [JSONMember]) throws(FrameRefusal) {
        var keys = HeaderKeys(members)
        let psi = try keys.optional("htype", "\"\(Self.psi)\"", refusing: .unknownSchema) {
            ($0.string ?? $0.elements?.first?.string) == Self.psi ? true : nil
        }
        _ = try keys.optional("endianess", "\"little\"", refusing: .unknownDtype) { $0.string == "little" ? true : nil }
        dtype = try keys.required(
            psi == nil ? "dtype" : "type", "a type as NumPy writes it, such as \"float32\" or \"<f4\"",
            refusing: .unknownDtype
        ) { $0.string.flatMap(Self.scalarType) }
        let shape = try keys.required("shape", "two or three whole numbers, the last 3 or more: [N, 3]") { value in
            value.elements.flatMap { Self.shape($0.map(\.uint32)) }
        }
        (rows, columns) = (shape.rows, shape.columns)
        number = try keys.optional("frame", "a whole number") { $0.uint64 }
    }

    private static func scalarType(_ name: String) -> ScalarType? {
        switch name {
        case "float32": .float32
        case "float64": .float64
        case "uint8": .uint8
        case "uint16": .uint16
        case "int16": .int16
        case "uint32": .uint32
        case "int32": .int32
        default: ScalarType(rawValue: name)
        }
    }

    /// An organised cloud, H x W x C, is read row by row.
    private static func shape(_ numbers: [UInt32?]) -> (rows: Int, columns: Int)? {
        let known = numbers.compactMap { $0 }
        guard known.count == numbers.count, known.count == 2 || known.count == 3, let columns = known.last,
            (3...256).contains(columns)
        else { return nil }
        let (rows, overflow) = known.dropLast().map(Int.init).reduce((1, false)) { product, number in
            let (partial, overflow) = product.0.multipliedReportingOverflow(by: number)
            return (partial, product.1 || overflow)
        }
        return overflow ? nil : (rows, Int(columns))
    }
}
