internal import CKernels

/// Normals and curvatures of neighbourhoods, sixteen at a time: one lane of a vector each.
struct NeighborhoodAxes: ~Copyable {
    static let group = Int(GEOMETRY_GROUP)
    /// eps of eq. 2 as a share of l0 + l1 + l2: on a line of points, where both of the two smallest are rounding noise,
    /// the curvature is 0.
    static let relativeEpsilon = 1e-9

    /// Upper triangles by component, then lane.
    private let covariances: UnsafeMutablePointer<Double>
    /// Normals x, y, z, then the eigenvalues in ascending order; by component, then lane.
    private let results: UnsafeMutablePointer<Double>
    private let measure: SurfaceGeometry.CurvatureMeasure

    init(_ measure: SurfaceGeometry.CurvatureMeasure) {
        self.measure = measure
        covariances = .allocate(capacity: 6 * Self.group)
        covariances.initialize(repeating: 0, count: 6 * Self.group)
        results = .allocate(capacity: 6 * Self.group)
    }

    deinit {
        covariances.deallocate()
        results.deallocate()
    }

    /// Where the covariance of a lane belongs, each component a group apart.
    @inline(__always)
    func covariance(_ lane: Int) -> UnsafeMutablePointer<Double> { covariances + lane }

    /// Solves all lanes; those that were not set give what does not matter.
    @inline(__always)
    func solve() { geometry_smallest_axes(covariances, results, results + 3 * Self.group) }

    @inline(__always)
    func normal(_ lane: Int) -> SIMD3<Float> {
        SIMD3<Float>(
            Float(results[lane]), Float(results[Self.group + lane]), Float(results[2 * Self.group + lane]))
    }

    @inline(__always)
    func curvature(_ lane: Int) -> Float {
        // Rounding may leave the smallest just below zero.
        let l0 = max(0, results[3 * Self.group + lane])
        let l1 = max(0, results[4 * Self.group + lane])
        let sum = l0 + l1 + max(0, results[5 * Self.group + lane])
        guard sum > 0 else { return 0 }
        switch measure {
        case .smallestPair: return Float(l0 / (l0 + l1 + Self.relativeEpsilon * sum))
        case .surfaceVariation: return Float(l0 / sum)
        }
    }
}
