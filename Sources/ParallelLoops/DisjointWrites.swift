/// A buffer that several threads may write at once, each to elements of its own.
///
/// The compiler cannot see that chunks do not overlap; whoever makes one vouches for it.
public struct DisjointWrites<Element>: @unchecked Sendable {
    public let base: UnsafeMutablePointer<Element>
    public let count: Int

    /// - Precondition: `buffer` outlives this value and is not empty, or is never accessed.
    public init(_ buffer: UnsafeMutableBufferPointer<Element>) {
        self.base = buffer.baseAddress ?? UnsafeMutablePointer(bitPattern: MemoryLayout<Element>.alignment)!
        self.count = buffer.count
    }

    @inlinable
    public subscript(index: Int) -> Element {
        get { base[index] }
        nonmutating set { base[index] = newValue }
    }
}
