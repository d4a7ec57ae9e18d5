import ParallelLoops
import PointClouds
import SeededRandom

/// How small a defect a model finds: scores of its good parts' own scans with synthetic defects on them.
///
/// Each scan is freshly thinned, given noise, and moved, but its form was taught: an unseen part scores a little higher.
public struct DetectionCurve: Sendable, Codable, Equatable {
    /// One step of a kind's ladder.
    public struct Level: Sendable, Codable, Equatable {
        /// Largest displacement, mm; `nil` for holes.
        public var depth: Double?
        /// Diameter, or length of scratches and cracks, mm.
        public var size: Double
        /// Part score of each trial; 0 where the part could not be judged, which does not count as found.
        public var scores: [Double]

        /// Share of the trials above `threshold`.
        public func found(above threshold: Double) -> Double {
            scores.isEmpty ? 0 : Double(scores.count { $0 > threshold }) / Double(scores.count)
        }
    }

    public struct Kind: Sendable, Codable, Equatable {
        public var name: String
        /// By rising depth, or size for holes.
        public var levels: [Level]

        /// The smallest level from which on every level has at least `share` of its trials found.
        public func smallest(above threshold: Double, share: Double = DetectionCurve.foundShare) -> Level? {
            levels.reversed().prefix { $0.found(above: threshold) >= share }.last
        }
    }

    public var kinds: [Kind]

    /// Share of the trials that must be found for a size to count as found.
    public static let foundShare = 0.9

    /// As shares of the diagonal of the part's box.
    private static let depths: [Float] = [0.001, 0.002, 0.004, 0.007, 0.012, 0.02]
    private static let holes: [Float] = [0.02, 0.03, 0.045, 0.065, 0.09, 0.13]
    private static let diameter: Float = 0.1, length: Float = 0.2
    /// Of a scratch, in spacings of the scan.
    private static let halfWidth: Float = 2

    /// - Parameters:
    ///   - good: the good parts in the taught frame, mm.
    ///   - trials: defects for each kind and level.
    /// - Complexity: 30 `trials` parts are scored.
    init(
        of model: PartModel, good: [[SIMD3<Float>]], trials: Int, seed: UInt64, workers: Workers,
        progress: (TeachingProgress) -> Void
    ) {
        precondition(!good.isEmpty && trials > 0)
        let scorer = PartScorer(model: model, workers: workers)
        let surface = model.template.surface
        let normals = good.map { surface.nearestIndices(to: $0).map { surface.normals[Int($0)] } }
        let corners = good[0].reduce((good[0][0], good[0][0])) { pointwiseBounds($0, $1) }
        let extent = corners.1 - corners.0
        let diagonal = (extent * extent).sum().squareRoot()
        let runs = SyntheticDefect.Kind.allCases.count * Self.depths.count * trials
        var run = 0
        kinds = SyntheticDefect.Kind.allCases.map { kind in
            let levels = Self.depths.indices.map { level in
                let size =
                    switch kind {
                    case .hole: Self.holes[level]
                    case .bulge, .concavity: Self.diameter
                    case .scratch, .crack: Self.length
                    }
                let defect = SyntheticDefect(
                    kind: kind, depth: Self.depths[level] * diagonal, size: size * diagonal,
                    halfWidth: Self.halfWidth * surface.spacing)
                let scores = (0..<trials).map { trial in
                    // The same places at every level, so that a curve rises by its depth rather than by its places.
                    var generator = SplitMix64(seed: SplitMix64.seed(seed, stream: UInt64(trial) &+ 0xDEFEC7))
                    let part = trial % good.count
                    let place = generator.next(below: good[part].count)
                    let cloud = defect.applied(
                        to: good[part], normals: normals[part], at: place, generator: &generator)
                    let fresh = Resampling(seed: generator.next(), keptShare: 0.95).resample(cloud)
                    run += 1
                    progress(.detecting(run: run, runs: runs))
                    return Double(scorer.inspect(fresh).score ?? 0)
                }
                return Level(
                    depth: kind == .hole ? nil : Double(defect.depth), size: Double(defect.size), scores: scores)
            }
            return Kind(name: kind.rawValue, levels: levels)
        }
    }
}

private func pointwiseBounds(_ bounds: (SIMD3<Float>, SIMD3<Float>), _ point: SIMD3<Float>) -> (
    SIMD3<Float>, SIMD3<Float>
) {
    (
        bounds.0.replacing(with: point, where: point .< bounds.0),
        bounds.1.replacing(with: point, where: point .> bounds.1)
    )
}
