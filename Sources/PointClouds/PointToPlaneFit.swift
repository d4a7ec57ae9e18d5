internal import ParallelLoops

/// The state of one registration: the transform, and for each source point where its neighbour was last.
struct PointToPlaneFit {
    /// Points in a chunk: sums are made by chunk, then over the chunks in order, on any number of threads.
    private static let chunk = 1024

    private let target: NeighborIndex
    /// By position on the target's curve.
    private let normals: [SIMD3<Float>]
    private let options: IterativeClosestPoint.Options
    private(set) var transform: RigidTransform
    private(set) var iterations = 0
    private var source: [SIMD3<Float>] = []
    /// Position of the nearest target point; -1 before the first search.
    private var nearest: [Int32] = []
    private var squaredDistances: [Float] = []
    private var residuals: [Float] = []
    private var center = SIMD3<Double>.zero
    private var reach = 1.0

    init(
        target: NeighborIndex, normals: [SIMD3<Float>], transform: RigidTransform,
        options: IterativeClosestPoint.Options
    ) {
        self.target = target
        self.normals = (0..<target.tree.count).map { normals[Int(target.tree.order[$0])] }
        self.transform = transform
        self.options = options
    }

    /// Goes on with these source points, in curve order.
    mutating func use(_ points: [SIMD3<Float>]) {
        source = points
        nearest = [Int32](repeating: -1, count: points.count)
        squaredDistances = [Float](repeating: .infinity, count: points.count)
        residuals = [Float](repeating: 0, count: points.count)
        center = points.centroid
        var farthest = 0.0
        for point in points { farthest = max(farthest, length(SIMD3<Double>(point) - center)) }
        reach = farthest > 0 ? farthest : 1
    }

    /// One step; returns how far it moves the points along the normals (root mean square), as a share of the source's
    /// radius, or nil if it cannot be made.
    mutating func iterate(
        within distance: Float, weighting: IterativeClosestPoint.RobustWeight
    ) -> Double? {
        iterations += 1
        findCorrespondences()
        let squared = distance * distance
        let scale = weighting == .none ? nil : robustScale(squared)
        let pivot = transform.apply(center)
        let equations = gather(squared, weighting, scale: scale, pivot: pivot)
        guard equations.count >= 6, let step = equations.solve(reach: reach, damping: options.damping) else {
            return nil
        }
        // The rotation is about the transformed centre of the source.
        let turn = RigidTransform(rotationVector: step.rotation, translation: .zero)
        let motion = RigidTransform(
            rotation: turn.rotation, translation: pivot + step.translation - turn.rotation * pivot)
        transform = motion * transform
        return step.normalMotion / reach
    }

    /// Share of points within the distance, and the root mean square of their distances to the planes.
    mutating func quality(within distance: Float) -> (fitness: Double, rmse: Double) {
        findCorrespondences()
        let squared = distance * distance
        let equations = gather(squared, .none, scale: nil, pivot: .zero)
        guard equations.count > 0 else { return (0, 0) }
        return (
            Double(equations.count) / Double(source.count),
            (equations.squaredResiduals / Double(equations.count)).squareRoot()
        )
    }

    private mutating func findCorrespondences() {
        let (source, transform, tree, normals) = (source, transform, target.tree, normals)
        let moved = source.map { transform.apply($0) }
        nearest.withUnsafeMutableBufferPointer { nearest in
            squaredDistances.withUnsafeMutableBufferPointer { distances in
                residuals.withUnsafeMutableBufferPointer { residuals in
                    let nearest = DisjointWrites(nearest)
                    let distances = DisjointWrites(distances)
                    let residuals = DisjointWrites(residuals)
                    tree.forEachNearest(of: moved, workers: options.workers) { i, key in
                        // Not found where the motion has left the range of Float.
                        guard key != .unbounded else { return }
                        nearest[i] = Int32(truncatingIfNeeded: key.position)
                        distances[i] = key.squaredDistance
                        let offset = transform.apply(SIMD3<Double>(source[i])) - SIMD3<Double>(tree.point(key.position))
                        residuals[i] = Float(dot(SIMD3<Double>(normals[key.position]), offset))
                    }
                }
            }
        }
    }

    /// 1.4826 times the median magnitude of the residuals within the distance; nil if there are none.
    private func robustScale(_ squared: Float) -> Double? {
        var magnitudes = source.indices.compactMap { squaredDistances[$0] <= squared ? abs(residuals[$0]) : nil }
        guard !magnitudes.isEmpty else { return nil }
        let middle = magnitudes.count / 2
        let median = magnitudes.withUnsafeMutableBufferPointer { buffer in
            selectLeast(middle + 1, of: buffer.baseAddress!, count: buffer.count)
            return buffer[middle]
        }
        // Never below what coordinates in Float resolve.
        return max(1.4826 * Double(median), 1e-6 * reach)
    }

    private func gather(
        _ squared: Float, _ weighting: IterativeClosestPoint.RobustWeight, scale: Double?, pivot: SIMD3<Double>
    ) -> NormalEquations {
        let chunks = (source.count + Self.chunk - 1) / Self.chunk
        var parts = [NormalEquations](repeating: NormalEquations(), count: chunks)
        parts.withUnsafeMutableBufferPointer { parts in
            let parts = DisjointWrites(parts)
            options.workers.run(chunks: chunks) { chunk in
                var part = NormalEquations()
                for i in chunk * Self.chunk..<min(source.count, (chunk + 1) * Self.chunk)
                where squaredDistances[i] <= squared && nearest[i] >= 0 {
                    let residual = Double(residuals[i])
                    let weight = weighting.weight(residual, scale: scale)
                    guard weight > 0 else { continue }
                    let moved = transform.apply(SIMD3<Double>(source[i])) - pivot
                    part.add(moved, SIMD3<Double>(normals[Int(nearest[i])]), residual: residual, weight: weight)
                }
                parts[chunk] = part
            }
        }
        return parts.reduce(into: NormalEquations()) { $0.add($1) }
    }
}

extension IterativeClosestPoint.RobustWeight {
    /// The weight of a squared residual in the least-squares step; 1 without a scale.
    func weight(_ residual: Double, scale: Double?) -> Double {
        guard let scale else { return 1 }
        let r = abs(residual) / scale
        switch self {
        case .none: return 1
        case .huber: return r <= 1.345 ? 1 : 1.345 / r
        case .tukey:
            let u = r / 4.685
            return u < 1 ? (1 - u * u) * (1 - u * u) : 0
        }
    }
}
