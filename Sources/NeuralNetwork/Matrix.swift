/// A row-major matrix of floats: a view of memory that it shares with its copies.
///
/// Copying a matrix, or taking some of its rows or columns, copies no elements; the memory lives as long as any view of
/// it. Threads may write one matrix at once if their rows or columns do not overlap: whoever cuts the work vouches for
/// that, which the compiler cannot see.
public struct Matrix: @unchecked Sendable {
    public let rows: Int
    public let columns: Int
    /// Distance between the beginnings of two rows, in elements.
    public let stride: Int
    let base: UnsafeMutablePointer<Float>
    private let storage: Storage

    /// A matrix of undefined contents.
    public init(rows: Int, columns: Int) {
        self.init(storage: Storage(count: rows * columns), offset: 0, rows: rows, columns: columns, stride: columns)
    }

    public init(repeating value: Float, rows: Int, columns: Int) {
        self.init(rows: rows, columns: columns)
        base.update(repeating: value, count: rows * columns)
    }

    /// A copy of `elements`, [rows, columns].
    public init(_ elements: [Float], rows: Int, columns: Int) {
        precondition(elements.count == rows * columns)
        self.init(rows: rows, columns: columns)
        elements.withUnsafeBufferPointer { source in
            if let first = source.baseAddress { base.update(from: first, count: source.count) }
        }
    }

    private init(storage: Storage, offset: Int, rows: Int, columns: Int, stride: Int) {
        self.storage = storage
        self.base = storage.base + offset
        self.rows = rows
        self.columns = columns
        self.stride = stride
    }

    /// Whether the rows follow each other without gaps.
    public var isContiguous: Bool { stride == columns || rows <= 1 }

    public subscript(row: Int, column: Int) -> Float {
        get { base[row * stride + column] }
        nonmutating set { base[row * stride + column] = newValue }
    }

    /// The elements by rows; a copy. Shape [rows, columns].
    public var elements: [Float] {
        [Float](unsafeUninitializedCapacity: rows * columns) { target, count in
            for row in 0..<rows where columns > 0 {
                (target.baseAddress! + row * columns).initialize(from: base + row * stride, count: columns)
            }
            count = rows * columns
        }
    }

    /// A view of some of the rows.
    public func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        return Matrix(
            storage: storage, offset: offset + range.lowerBound * stride, rows: range.count, columns: columns,
            stride: stride)
    }

    /// A view of some of the columns.
    public func columns(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns)
        return Matrix(
            storage: storage, offset: offset + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }

    /// The same elements in another shape.
    public func reshaped(rows newRows: Int, columns newColumns: Int) -> Matrix {
        precondition(isContiguous && newRows * newColumns == rows * columns)
        return Matrix(storage: storage, offset: offset, rows: newRows, columns: newColumns, stride: newColumns)
    }

    /// A view of consecutive elements of a contiguous matrix.
    func slice(from start: Int, rows: Int, columns: Int) -> Matrix {
        precondition(isContiguous && start >= 0 && start + rows * columns <= self.rows * self.columns)
        return Matrix(storage: storage, offset: offset + start, rows: rows, columns: columns, stride: columns)
    }

    public func fill(_ value: Float) {
        for row in 0..<rows { (base + row * stride).update(repeating: value, count: columns) }
    }

    /// Takes over the elements of a matrix of the same shape.
    public func copy(from other: Matrix) {
        precondition(rows == other.rows && columns == other.columns)
        for row in 0..<rows { (base + row * stride).update(from: other.base + row * other.stride, count: columns) }
    }

    private var offset: Int { base - storage.base }

    /// Memory aligned to a cache line.
    private final class Storage: @unchecked Sendable {
        let base: UnsafeMutablePointer<Float>

        init(count: Int) {
            let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
            base = raw.bindMemory(to: Float.self, capacity: max(count, 1))
        }

        deinit { UnsafeMutableRawPointer(base).deallocate() }
    }
}
