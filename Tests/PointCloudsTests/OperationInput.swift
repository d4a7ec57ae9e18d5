import ParallelLoops
import PointClouds

/// A cloud to run operations on, and in which order its points stood before it was shuffled.
struct OperationInput: Sendable {
    let points: [SIMD3<Float>]
    /// Index in `points` of each of the original points: results come in the original order.
    let rows: [Int]
    let workers: Workers
    let index: NeighborIndex

    init(_ points: [SIMD3<Float>], rows: [Int]? = nil, workers: Workers) {
        self.points = points
        self.rows = rows ?? Array(points.indices)
        self.workers = workers
        index = NeighborIndex(points, workers: workers)
    }

    func geometry() -> SurfaceGeometry { SurfaceGeometry(index: index, nearest: 24, workers: workers) }
    func table(_ k: Int) -> NeighborTable { index.nearestOfAll(k, workers: workers) }
    /// A rigid motion of all points: another cloud to compare with.
    func moved() -> [SIMD3<Float>] {
        let motion = RigidTransform(axis: SIMD3(1, 0, 2), degrees: 5, translation: SIMD3(1, 2, 3))
        return points.map { motion.apply($0) }
    }
    /// Some of the points, the same ones whatever the order.
    func everyThird() -> [Int32] { stride(from: 0, to: rows.count, by: 3).map { Int32(rows[$0]) } }
    /// At most 64 of the original points, and places off the cloud.
    func queries() -> [SIMD3<Float>] {
        stride(from: 0, to: rows.count, by: max(1, rows.count / 64)).map { points[rows[$0]] }
            + [.zero, SIMD3(1, 2, 3), SIMD3(-40, 7, 1e6), SIMD3(1e30, 0, -1e30), SIMD3(.nan, 0, 0)]
    }
}

/// The bits of a result, with points in place of indices: these differ between orders of the same cloud.
struct OperationResult: Equatable {
    private(set) var bits: [UInt32] = []
    /// A NaN is among the values.
    private(set) var hasNaN = false

    mutating func add(_ value: Float) {
        hasNaN = hasNaN || value.isNaN
        // Zeros of either sign are equal points.
        bits.append(value == 0 ? 0 : value.bitPattern)
    }
    mutating func add(_ value: Double) {
        hasNaN = hasNaN || value.isNaN
        bits.append(UInt32(truncatingIfNeeded: value.bitPattern >> 32))
        bits.append(UInt32(truncatingIfNeeded: value.bitPattern))
    }
    mutating func add(_ value: Int) { bits.append(UInt32(truncatingIfNeeded: value)) }
    mutating func add(_ v: SIMD3<Float>) { for k in 0..<3 { add(v[k]) } }
    mutating func add(_ v: SIMD3<Double>) { for k in 0..<3 { add(v[k]) } }
    mutating func add(_ values: [Float]) {
        add(values.count)
        for value in values { add(value) }
    }
    mutating func add(_ points: [SIMD3<Float>]) {
        add(points.count)
        for point in points { add(point) }
    }
    mutating func add(_ transform: RigidTransform) {
        add(transform.rotation.rows.0)
        add(transform.rotation.rows.1)
        add(transform.rotation.rows.2)
        add(transform.translation)
    }
    mutating func add(_ registration: Registration) {
        add(registration.transform)
        add(registration.fitness)
        add(registration.rmse)
        add(registration.iterations)
    }
    /// The cloud's points at the indices, which may not be finite (those of a table's row of such a point).
    mutating func add(_ indices: some Collection<Int32>, of input: OperationInput) {
        add(indices.count)
        for index in indices {
            guard index >= 0 else { return add(-1) }
            let point = input.points[Int(index)]
            for k in 0..<3 { bits.append(point[k] == 0 ? 0 : point[k].bitPattern) }
        }
    }
    /// The same as a set.
    mutating func addSet(_ indices: [Int32], of input: OperationInput) {
        var one = indices.map { index in (0..<3).map { input.points[Int(index)][$0] } }
        one.sort { ($0[0], $0[1], $0[2]) < ($1[0], $1[1], $1[2]) }
        add(one.count)
        for point in one { for value in point { add(value) } }
    }
    /// A value of each point, in the original order.
    mutating func addRows<T>(_ values: [T], of input: OperationInput, _ add: (inout Self, T) -> Void) {
        self.add(values.count)
        guard values.count == input.rows.count else { return }
        for row in input.rows { add(&self, values[row]) }
    }
    /// Components, numbered by their first point in the original order.
    mutating func addLabels(_ labels: [Int32], of input: OperationInput) {
        var numbers: [Int32: Int] = [:]
        for row in input.rows {
            let label = labels[row]
            if label >= 0 && numbers[label] == nil { numbers[label] = numbers.count }
            add(label < 0 ? -1 : numbers[label] ?? -2)
        }
    }
}
