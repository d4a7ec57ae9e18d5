public import ParallelLoops

/// Fast point feature histograms: how the surface around a point bends, in 33 numbers that no motion changes.
///
/// Rusu, Blodow and Beetz, "Fast Point Feature Histograms (FPFH) for 3D registration", ICRA 2009, in the definition of
/// Open3D 0.20: of each pair (point, neighbour) the angles theta, alpha and phi in 11 bins each (SPFH, scaled to 100 an
/// angle), then FPFH(p) = SPFH(p) + sum(SPFH(q) / |p - q|^2), the sum scaled to 100 an angle. So each third of a row
/// sums to 200, of a point without neighbours to 0.
///
/// The sign of the normals matters: turning all of them reverses the bins of theta and of phi (`reversed`), turning
/// some mixes them up. Normals of a `SurfaceGeometry` carry no sign; orient them first where rows of different clouds
/// are compared: `NormalOrientation.outward` for surfaces, also those seen from one side.
public struct FastPointFeatureHistograms: Sendable, Equatable {
    /// Bins in a row.
    public static let width = 33

    /// Number of rows, M.
    public let count: Int
    /// Theta, alpha, phi, 11 bins each. Shape [M, 33].
    public let values: [Float]

    /// - Precondition: `values` holds `33 * count` elements.
    public init(count: Int, values: [Float]) {
        precondition(values.count == count * Self.width)
        self.count = count
        self.values = values
    }

    /// The row of point `row`, or of the point at that place of the subset.
    public func row(_ row: Int) -> ArraySlice<Float> { values[row * Self.width..<(row + 1) * Self.width] }

    /// Histograms at several neighbourhood sizes, from one search.
    ///
    /// - Parameters:
    ///   - normals: unit normals with a sign that means something. Shape [N].
    ///   - neighbors: as many as the greatest size asks for; the table of this index.
    ///   - sizes: neighbours of each, the point itself among them, as in the table's rows and in Open3D's searches: 40
    ///     is the point and 39 others. What exceeds the table counts as its size.
    ///   - radius: if given, neighbours farther away are left out (Open3D's hybrid search).
    ///   - subset: the points whose histograms are wanted, in the order of the rows; nil is all of them. Pair features
    ///     are then computed for these and their neighbours only.
    /// - Returns: one for each size, in their order. Rows of points that are not finite hold 0.
    /// - Complexity: O(N k) for the greatest size k, plus O(M s) for each size s; 160 bytes a point and size while at
    ///   work.
    public static func compute(
        index: NeighborIndex, normals: [SIMD3<Float>], neighbors: NeighborTable, sizes: [Int], radius: Float? = nil,
        subset: [Int32]? = nil, workers: Workers = .all
    ) -> [FastPointFeatureHistograms] {
        precondition(normals.count == index.points.count, "one normal for each point")
        precondition(neighbors.count == index.points.count, "the table belongs to another cloud")
        let ascending = sizes.indices.sorted { (sizes[$0], $0) < (sizes[$1], $1) }
        let pass = PairFeaturePass(
            index: index, normals: normals, neighbors: neighbors, sizes: ascending.map { sizes[$0] }, radius: radius,
            subset: subset, workers: workers)
        let found = pass.histograms(subset: subset, workers: workers)
        var results = found
        for (place, original) in ascending.enumerated() { results[original] = found[place] }
        return results
    }

    /// The histograms that the same points have when all normals are turned round: the bins of theta and of phi in
    /// reverse.
    public var reversed: FastPointFeatureHistograms {
        var turned = values
        for row in 0..<count {
            let start = row * Self.width
            for bin in 0..<11 {
                turned[start + bin] = values[start + 10 - bin]
                turned[start + 22 + bin] = values[start + 32 - bin]
            }
        }
        return FastPointFeatureHistograms(count: count, values: turned)
    }
}

extension NeighborTable {
    /// The table of the `size` nearest of each: the first columns of this one.
    public func prefix(_ size: Int) -> NeighborTable {
        let width = max(0, min(size, self.size))
        if width == self.size { return self }
        func columns<T>(_ values: [T]) -> [T] {
            [T](unsafeUninitializedCapacity: count * width) { buffer, filled in
                values.withUnsafeBufferPointer { values in
                    guard width > 0, let to = buffer.baseAddress, let from = values.baseAddress else { return }
                    for row in 0..<count {
                        (to + row * width).initialize(from: from + row * self.size, count: width)
                    }
                }
                filled = count * width
            }
        }
        return NeighborTable(
            count: count, size: width, indices: columns(indices), squaredDistances: columns(squaredDistances))
    }
}
