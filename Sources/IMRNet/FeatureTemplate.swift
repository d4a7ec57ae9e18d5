import NeuralNetwork
public import ParallelLoops

/// Features of the medoid training part, which the features of a reconstruction are held to (eq. 19).
///
/// A reconstruction can be wrong where the part is not. Where its feature vector is far from anything that the template
/// has in that place, the template's vector takes its place.
public struct FeatureTemplate: Sendable {
    /// [T, width].
    public let features: [Float]
    /// In the coordinates of the parts that are compared: both registered and normalised alike. [T].
    public let centers: [SIMD3<Float>]
    public let width: Int
    /// How many of the nearest template centres are looked at.
    public let neighbors: Int
    private let matrix: Matrix

    public init(features: [Float], centers: [SIMD3<Float>], width: Int, neighbors: Int = 16) {
        precondition(!centers.isEmpty && features.count == centers.count * width && neighbors > 0)
        self.features = features
        self.centers = centers
        self.width = width
        self.neighbors = neighbors
        self.matrix = Matrix(features, rows: centers.count, columns: width)
    }

    /// For each of a part's patches, the template's vector nearest in feature space among those of the nearest centres.
    public struct Match: Sendable, Equatable {
        /// Into the template's rows.
        public let index: Int
        /// l2, in feature space.
        public let distance: Float
    }

    /// - Parameters: a part's features, [G, width], and its centres, [G].
    /// - Complexity: O(G (T log T + neighbors * width)).
    public func matches(_ features: [Float], centers: [SIMD3<Float>], workers: Workers = .all) -> [Match] {
        precondition(features.count == centers.count * width)
        let part = Matrix(features, rows: centers.count, columns: width)
        var result = [Match](repeating: Match(index: 0, distance: 0), count: centers.count)
        result.withUnsafeMutableBufferPointer { buffer in
            let target = DisjointWrites(buffer)
            workers.run(over: centers.count, by: 16) { range in
                for patch in range {
                    var best = Match(index: 0, distance: .infinity)
                    for index in nearestCenters(to: centers[patch]) {
                        let squared = part.squaredDistances(fromRow: patch, to: matrix, rows: index..<index + 1)[0]
                        if squared.squareRoot() < best.distance {
                            best = Match(index: index, distance: squared.squareRoot())
                        }
                    }
                    target[patch] = best
                }
            }
        }
        return result
    }

    /// The features with every vector farther than `limit` (tau2) from its match replaced by it. [G, width].
    public func regularized(
        _ features: [Float], centers: [SIMD3<Float>], limit: Float, workers: Workers = .all
    ) -> [Float] {
        var result = features
        for (patch, match) in matches(features, centers: centers, workers: workers).enumerated()
        where match.distance > limit {
            result.replaceSubrange(
                patch * width..<(patch + 1) * width,
                with: self.features[match.index * width..<(match.index + 1) * width])
        }
        return result
    }

    /// Ascending by distance, then index.
    private func nearestCenters(to center: SIMD3<Float>) -> [Int] {
        let distances = centers.map { point in
            let difference = point - center
            return (difference * difference).sum()
        }
        return Array(
            distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(neighbors))
    }
}
