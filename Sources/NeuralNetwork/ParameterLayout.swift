/// Where each parameter of a network lies in one flat vector.
///
/// Layers add their parameters when they are made, and keep the slots. Buffers (statistics that the optimiser leaves
/// alone) lie behind all parameters.
public struct ParameterLayout: Sendable {
    /// What the optimiser does with a parameter.
    public enum Role: Sendable {
        /// Learned, with weight decay.
        case decayed
        /// Learned, without: biases, norms, tokens.
        case undecayed
        /// Not learned: running statistics.
        case buffer
    }

    public struct Entry: Sendable {
        /// As in the safetensors file.
        public let name: String
        public let shape: [Int]
        public let role: Role
        public var count: Int { shape.reduce(1, *) }
        public internal(set) var offset: Int
    }

    /// A parameter's index in `entries`.
    public struct Slot: Sendable {
        let index: Int
    }

    public private(set) var entries: [Entry] = []
    /// Number of floats, learned ones and buffers.
    public private(set) var count = 0
    /// Number of learned floats: the first ones of the vector.
    public private(set) var learnedCount = 0

    public init() {}

    public mutating func add(_ name: String, _ shape: [Int], _ role: Role) -> Slot {
        precondition(!entries.contains { $0.name == name })
        entries.append(Entry(name: name, shape: shape, role: role, offset: 0))
        learnedCount = 0
        for buffers in [false, true] {
            if buffers { learnedCount = count }
            if !buffers { count = 0 }
            for index in entries.indices where (entries[index].role == .buffer) == buffers {
                entries[index].offset = count
                count += entries[index].count
            }
        }
        return Slot(index: entries.count - 1)
    }
}

/// The values (or the gradients, or the moments) of all parameters of a layout, as one vector.
///
/// Shares its memory with its copies, like `Matrix`.
public struct ParameterVector: Sendable {
    public let layout: ParameterLayout
    /// Shape [1, layout.count].
    public let flat: Matrix
    /// Parameters that have left `flat`, and matrices laid out for products: by index.
    var separate: [Int: Matrix] = [:]
    var packs: [Int: PackedMatrix] = [:]
    var transposedPacks: [Int: PackedMatrix] = [:]

    /// All zero.
    public init(_ layout: ParameterLayout) {
        self.layout = layout
        self.flat = Matrix(repeating: 0, rows: 1, columns: layout.count)
    }

    /// A vector of its own memory with the same values.
    public func copied() -> ParameterVector {
        let copy = ParameterVector(layout)
        copy.flat.copy(from: flat)
        return copy
    }

    /// A matrix of [first dimension, the others]; one-dimensional ones are a row, [1, count].
    public subscript(slot: ParameterLayout.Slot) -> Matrix {
        separate.isEmpty ? self[layout.entries[slot.index]] : separate[slot.index] ?? self[layout.entries[slot.index]]
    }

    public subscript(entry: ParameterLayout.Entry) -> Matrix {
        let rows = entry.shape.count > 1 ? entry.shape[0] : 1
        return flat.slice(from: entry.offset, rows: rows, columns: entry.count / max(rows, 1))
    }
}
