internal import CKernels
internal import ParallelLoops

/// Every point's neighbours, normal and curvature, by position on the curve: where neighbours lie near by in memory.
struct CurveNeighborhoods: ~Copyable {
    /// Leaves in a chunk of the first pass, some 700 points; and points in one of the second.
    private static let leaves = 64
    private static let chunk = 2048

    private let count: Int
    private let size: Int
    /// Of each point x y z, curvature, normal x y z, nothing. Shape [count, 8].
    private let records: UnsafeMutablePointer<SIMD8<Float>>
    /// Positions of the nearest, the point itself among them. Shape [count, size].
    private let neighbors: UnsafeMutablePointer<Int32>
    /// Mean distance to the nearest other point, in the cloud's unit; 0 without another. Points that have none within the
    /// range of Float do not count.
    private let meanSpacing: Float

    /// - Precondition: there is a point.
    init(_ tree: SpatialTree, _ options: GeometryAwareSampling.Options, _ workers: Workers) {
        (count, size) = (tree.count, min(tree.count, max(1, options.neighborCount)))
        records = .allocate(capacity: count)
        neighbors = .allocate(capacity: count * size)
        let size = size
        let records = DisjointWrites(UnsafeMutableBufferPointer(start: records, count: count))
        let neighbors = DisjointWrites(UnsafeMutableBufferPointer(start: neighbors, count: count * size))
        let measure = options.curvature
        // Summed by chunk, then over the chunks: the same on any number of threads.
        // Of each the sum, and how many points it is of.
        var sums = [SIMD2<Double>](repeating: .zero, count: (tree.leafCount + Self.leaves - 1) / Self.leaves)
        sums.withUnsafeMutableBufferPointer { sums in
            let sums = DisjointWrites(sums)
            workers.run(over: tree.leafCount, by: Self.leaves) { leaves in
                var sum = SIMD2<Double>.zero
                tree.forEachAxes(of: leaves, nearest: size, measure) { position, candidates in
                    let row = neighbors.base + position * size
                    var nearest = Float.infinity
                    for i in 0..<size {
                        let other = candidates.position[Int(candidates.chosen[i])]
                        (row + i).initialize(to: other)
                        // Not itself: of the chosen ones it alone stands at its own position.
                        let d = candidates.chosenDistance[i]
                        nearest = Int(other) != position && d < nearest ? d : nearest
                    }
                    if nearest < .infinity { sum += SIMD2(Double(nearest).squareRoot(), 1) }
                } _: { position, normal, curvature in
                    let p = tree.point(position)
                    (records.base + position).initialize(
                        to: SIMD8(p.x, p.y, p.z, curvature, normal.x, normal.y, normal.z, 0))
                }
                sums[leaves.lowerBound / Self.leaves] = sum
            }
        }
        let total = sums.reduce(.zero, +)
        meanSpacing = total.y > 0 ? Float(total.x / total.y) : 0
    }

    deinit {
        records.deallocate()
        neighbors.deallocate()
    }

    /// R of eq. 5 for every point. Shape [count].
    func rateOfChange(_ options: GeometryAwareSampling.Options, _ workers: Workers) -> [Float] {
        let spacing = meanSpacing
        let least = max(options.leastDistance * spacing, .leastNormalMagnitude)
        let scale = options.scalesBySpacing ? spacing : 1
        let reach = options.radius.map { $0 * $0 } ?? .infinity
        let size = size
        let records = DisjointWrites(UnsafeMutableBufferPointer(start: records, count: count))
        let neighbors = DisjointWrites(UnsafeMutableBufferPointer(start: neighbors, count: count * size))
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            let change = DisjointWrites(buffer)
            workers.run(over: count, by: Self.chunk) { range in
                let floats = UnsafeRawPointer(records.base).assumingMemoryBound(to: Float.self)
                for position in range {
                    let rate = geometry_rate_of_change(
                        floats, neighbors.base + position * size, Int32(size), Int32(truncatingIfNeeded: position),
                        scale, least, reach)
                    (change.base + position).initialize(to: rate)
                }
            }
            initialized = count
        }
    }
}
