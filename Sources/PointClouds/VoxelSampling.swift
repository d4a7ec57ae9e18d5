/// One representative for each occupied cell of a cubic grid.
public struct VoxelSampling: Sendable, Equatable {
    /// Mean of the points of each cell. Shape [V].
    public let centroids: [SIMD3<Float>]
    /// Points in each cell. Shape [V].
    public let counts: [Int32]

    /// Cells have the edge `size` and start at the least coordinates of the finite points; others are left out.
    ///
    /// Cells come out along the grid (z, then y, then x): neither they nor their means depend on the order of the input,
    /// as sums are kept in integers, in steps of 2^-30 of the edge.
    /// A grid of more than 2^21 cells along an axis is made coarser to fit; a size of 0, below, or not a number gives as
    /// fine a grid as fits.
    /// - Complexity: O(n), one look-up in a hash table for each point, and O(V) to order the cells.
    public init(_ points: [SIMD3<Float>], size: Float) {
        let grid = VoxelGrid(points, size: size)
        var cells = VoxelTable(expecting: points.count / 8)
        cells.fill(points, grid)
        (centroids, counts) = cells.means(grid)
    }

    /// Of each cell the index of the point nearest to its mean, of equal ones the first by x, y, z, then index; in the
    /// order of the cells. Shape [V].
    public static func representatives(_ points: [SIMD3<Float>], size: Float) -> [Int32] {
        let grid = VoxelGrid(points, size: size)
        var cells = VoxelTable(expecting: points.count / 8)
        cells.fill(points, grid)
        return cells.nearestToMeans(points, grid)
    }
}
