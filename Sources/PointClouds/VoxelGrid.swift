internal import CKernels

/// A cubic grid over the finite points of a cloud.
struct VoxelGrid {
    let low: SIMD3<Double>
    let edge: Double
    /// All points of the cloud are finite.
    let isComplete: Bool

    /// A size of 0, below, or not a number gives as fine a grid as fits.
    init(_ points: [SIMD3<Float>], size: Float) {
        let size = size > 0 ? size : .leastNonzeroMagnitude
        let (box, finite) = Box.around(points)
        low = finite > 0 ? SIMD3<Double>(box.low) : .zero
        let extent = finite > 0 ? (SIMD3<Double>(box.high) - low).max() : 0
        // An edge beyond the cloud, if only it is not infinite, gives the same single cell.
        edge = size < .infinity ? max(Double(size), extent / 2_097_151) : max(1, 2 * extent)
        isComplete = finite == points.count
    }

    /// Cell and place in it of each of the points, all finite.
    ///
    /// - Parameters:
    ///   - cells: x | y << 21 | z << 42 of each. Shape [N].
    ///   - offsets: from the cell's corner, in steps of 2^-30 of the edge. Shape [N, 4], the last of each unused.
    func locate(
        _ points: UnsafeBufferPointer<SIMD3<Float>>, _ cells: UnsafeMutablePointer<UInt64>,
        _ offsets: UnsafeMutablePointer<Int32>
    ) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 3) { corner in
            for axis in 0..<3 { corner[axis] = low[axis] }
            geometry_voxels(points.floats, Int64(points.count), corner.baseAddress!, 1 / edge, cells, offsets)
        }
    }

    /// The mean of `count` points of a cell, whose offsets sum up to `sum`.
    func mean(_ cell: UInt64, _ sum: SIMD4<Int64>, _ count: Int32) -> SIMD3<Float> {
        let corner = SIMD3<Double>(
            Double(cell & 0x1f_ffff), Double(cell >> 21 & 0x1f_ffff), Double(cell >> 42 & 0x1f_ffff))
        let mean = SIMD3<Double>(Double(sum.x), Double(sum.y), Double(sum.z)) * (0x1p-30 / Double(count))
        return SIMD3<Float>((corner + mean) * edge + low)
    }
}
