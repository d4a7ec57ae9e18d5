public import ParallelLoops
import PointClouds

/// Which of a part's points are anomalous, and which of them hang together.
public struct GroundTruth: Sendable {
    public var points: LabelledPoints
    public var anomalousCount: Int
    /// Diagonal of the cloud's axis-aligned box, mm.
    public var diagonal: Float

    /// Anomalous points no farther apart than so many median distances between neighbours are one region.
    private static let reach: Float = 3.75
    /// A row belongs to a point within this share of the median distance between neighbours.
    private static let matching: Float = 0.25

    /// A good part: nothing is anomalous.
    public init(good cloud: [SIMD3<Float>]) {
        points = LabelledPoints(
            labels: [Bool](repeating: false, count: cloud.count), regions: [Int32](repeating: -1, count: cloud.count))
        anomalousCount = 0
        diagonal = Self.diagonal(cloud)
    }

    /// Carries the labels of a ground truth over to the cloud, whose order and precision differ: each point takes that of
    /// the nearest row.
    ///
    /// - Parameters:
    ///   - cloud: the part as it is scored. Points that are not finite are not anomalous.
    ///   - rows: coordinates of the ground truth's rows, in the cloud's frame.
    ///   - values: their labels; 0 is normal, all else anomalous. Shape of `rows`.
    /// - Throws: where points have no row within a quarter of the distance between neighbours, where more than 1 % of the
    ///   rows have no such point, or where no row is anomalous.
    /// - Complexity: O(N log N).
    public init(
        _ cloud: [SIMD3<Float>], rows: [SIMD3<Float>], values: [Float], workers: Workers = .one
    ) throws(GroundTruthError) {
        guard rows.count == values.count, !rows.isEmpty else {
            throw GroundTruthError(description: "expected rows of x y z label, found \(rows.count) without labels")
        }
        guard values.allSatisfy(\.isFinite) else {
            throw GroundTruthError(description: "expected labels of 0 and 1, found some that are not numbers")
        }
        let index = NeighborIndex(cloud, workers: workers)
        diagonal = Self.diagonal(cloud)
        let spacing = Self.medianDistance(index, workers: workers)
        // Scans with every point repeated have a median distance of 0.
        let limit = max(Self.matching * spacing, 1e-5 * diagonal)
        let toRow = NeighborIndex(rows, workers: workers).nearest(of: cloud, workers: workers)
        let lonely = toRow.squaredDistances.filter { $0.isFinite && $0 > limit * limit }
        let rowless = index.nearest(of: rows, workers: workers).squaredDistances.count { !($0 <= limit * limit) }
        guard lonely.isEmpty, rowless * 100 <= rows.count else {
            let farthest = toRow.squaredDistances.filter(\.isFinite).max() ?? 0
            throw GroundTruthError(
                description:
                    "expected a row within \(limit) mm of every point, found \(lonely.count) of \(cloud.count) points "
                    + "without (farthest \(farthest.squareRoot()) mm) and \(rowless) of \(rows.count) rows without a "
                    + "point: it belongs to another cloud")
        }
        let labels = toRow.indices.map { $0 >= 0 && values[Int($0)] != 0 }
        anomalousCount = labels.count { $0 }
        guard anomalousCount > 0 else {
            throw GroundTruthError(description: "expected rows whose label is 1, found none")
        }
        points = LabelledPoints(
            labels: labels,
            regions: ConnectedComponents.labels(cloud, mask: labels, radius: max(Self.reach * spacing, limit)).labels)
    }

    private static func medianDistance(_ index: NeighborIndex, workers: Workers) -> Float {
        let table = index.nearestOfAll(2, workers: workers)
        guard table.size == 2 else { return 0 }
        let distances = (0..<table.count).map { table.squaredDistances[$0 * 2 + 1] }.filter(\.isFinite).sorted()
        return distances.isEmpty ? 0 : distances[distances.count / 2].squareRoot()
    }

    private static func diagonal(_ cloud: [SIMD3<Float>]) -> Float {
        var low = SIMD3<Float>(repeating: .infinity), high = -low
        for point in cloud where (0..<3).allSatisfy({ point[$0].isFinite }) {
            low = pointwiseMin(low, point)
            high = pointwiseMax(high, point)
        }
        guard low.x <= high.x else { return 0 }
        return ((high - low) * (high - low)).sum().squareRoot()
    }
}

/// A ground truth that does not fit its cloud; the description says what was expected and found.
public struct GroundTruthError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
}
