/// The k nearest neighbours of every point of a cloud, the point itself first.
public struct NeighborTable: Sendable, Equatable {
    /// Number of points, N: every point of the cloud, in the caller's order.
    public let count: Int
    /// Neighbours of each, k; fewer than asked for only if the cloud is smaller.
    public let size: Int
    /// Indices into the cloud, nearest first; ties in curve order (see `NeighborIndex`). Shape [N, k].
    public let indices: [Int32]
    /// Squared distances, ascending in each row. Shape [N, k].
    public let squaredDistances: [Float]

    /// - Precondition: both arrays hold `count * size` elements.
    public init(count: Int, size: Int, indices: [Int32], squaredDistances: [Float]) {
        precondition(indices.count == count * size && squaredDistances.count == count * size)
        self.count = count
        self.size = size
        self.indices = indices
        self.squaredDistances = squaredDistances
    }

    /// Neighbours of point `row`, itself first.
    public func neighbors(of row: Int) -> ArraySlice<Int32> { indices[row * size..<(row + 1) * size] }
}
