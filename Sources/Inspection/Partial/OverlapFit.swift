import ParallelLoops
import PointClouds

/// How well a pose lays a scan onto surfaces that it shares only in part.
struct OverlapFit: Sendable, Equatable {
    /// Share of the scan's surface that lies on a known one, with the same tangent plane.
    var lying = 0.0
    /// Share that lies beside it: over or under known surface, but on none.
    var conflicting = 0.0
    /// Of what lies on known surface, whichever way it faces, the share that faces the same way: both were seen from outside.
    var agreement = 0.0
    /// How far off the surface the worst places lie: means over neighbouring points of the sample, the `rank`-th greatest, in
    /// spacings.
    var worst: Float = 0

    /// More overlap is better; surface that contradicts what is known speaks against a pose. Half, since edges and what
    /// lies behind a step do so rightly.
    var score: Double { lying - 0.5 * conflicting }

    /// Of the worst places that one which is taken, since a few may be chance; how many points of the sample are averaged.
    private static let rank = 8, smoothing = 6

    init(lying: Double = 0, conflicting: Double = 0, agreement: Double = 0, worst: Float = 0) {
        (self.lying, self.conflicting, self.agreement, self.worst) = (lying, conflicting, agreement, worst)
    }

    /// - Parameter points: of the scan's sample, by surface.
    init(_ points: [OverlapPoints], neighbors: NeighborTable) {
        let count = points.first?.relations.count ?? 0
        var lying = 0, conflicting = 0, averted = 0
        var heights = [Float](repeating: .nan, count: count)
        for i in 0..<count {
            let relations = points.map { $0.relations[i] }
            if relations.contains(.lying) {
                lying += 1
            } else if relations.contains(.averted) {
                averted += 1
            } else if relations.contains(.beside) {
                conflicting += 1
            }
            // Each surface is a good one: a point that lies on any of them is right.
            for height in points.map({ $0.heights[i] }) where !height.isNaN {
                if heights[i].isNaN || abs(height) < abs(heights[i]) { heights[i] = height }
            }
        }
        self.init(
            lying: Double(lying) / Double(max(1, count)), conflicting: Double(conflicting) / Double(max(1, count)),
            agreement: Double(lying) / Double(max(1, lying + averted)), worst: Self.worst(heights, neighbors))
    }

    private static func worst(_ heights: [Float], _ neighbors: NeighborTable) -> Float {
        var means: [Float] = []
        for i in heights.indices where !heights[i].isNaN {
            var sum: Float = 0, count: Float = 0
            for neighbor in neighbors.neighbors(of: i).prefix(smoothing) where !heights[Int(neighbor)].isNaN {
                sum += heights[Int(neighbor)]
                count += 1
            }
            means.append(abs(sum / count))
        }
        means.sort(by: >)
        return means.count >= rank ? means[rank - 1] : 0
    }
}

/// How the points of a scan's sample lie to one known side.
struct OverlapPoints: Sendable {
    enum Relation: UInt8, Sendable {
        /// Not over known surface.
        case apart
        /// On it, facing the same way.
        case lying
        /// On it, facing the other way.
        case averted
        /// Over or under it.
        case beside
    }
    /// Shape of the sample.
    private(set) var relations: [Relation]
    /// Over the surface in its spacings; not a number where nothing is measured. Shape of the sample.
    private(set) var heights: [Float]

    /// Lengths in spacings: how far off a plane still lies on it, how far beside a point its plane counts.
    private static let tight: Float = 0.5, lateral: Float = 1.5
    /// How far off counts as contradiction, as a share of the diagonal.
    private static let reach: Float = 0.03
    private static let normalCosine: Float = 0.8
    /// Between the normals of a point and of what its height is measured over.
    private static let leastCosine: Float = 0.4

    /// - Complexity: O(n log M) for the scan's sample of n.
    init(of scan: SeenSide, at pose: RigidTransform, on side: SeenSide, diagonal: Float, workers: Workers) {
        let surface = side.surface, spacing = surface.spacing
        let moved = pose.apply(scan.sample)
        let (indices, squared) = surface.index.nearest(of: moved, workers: workers)
        relations = [Relation](repeating: .apart, count: moved.count)
        heights = [Float](repeating: .nan, count: moved.count)
        for i in moved.indices where indices[i] >= 0 {
            let site = Int(indices[i]), normal = surface.normals[site]
            let signed = ((moved[i] - surface.points[site]) * normal).sum(), height = abs(signed)
            let beside = max(0, squared[i] - height * height).squareRoot()
            guard beside <= Self.lateral * spacing, height <= Self.reach * diagonal else { continue }
            let cosine = (pose.rotate(scan.sampleNormals[i]) * normal).sum()
            if height <= Self.tight * spacing && cosine >= Self.normalCosine {
                relations[i] = .lying
            } else if height <= Self.tight * spacing && cosine <= -Self.normalCosine {
                // Of surface that is nearly on edge the sign is not certain.
                if scan.isFacing[i] { relations[i] = .averted }
            } else if height > Self.tight * spacing && cosine > 0 {
                relations[i] = .beside
            }
            if cosine >= Self.leastCosine && scan.sampleWeights[i] > 0 && side.weights[site] > 0 {
                heights[i] = signed / spacing
            }
        }
    }
}
