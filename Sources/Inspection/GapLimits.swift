import ParallelLoops
import PointClouds

/// How far apart a good part's points lie at each site of the template: a wider gap is missing material.
public struct GapLimits: Sendable, Equatable {
    /// Widest gap seen on a good part at or near each site, mm; in a model taught from views the same everywhere, in spacings of the
    /// sensor's picture. Shape [S].
    public let limits: [Float]
    /// What counts as one unit of score beyond the limit, in the same unit.
    public let unit: Float

    public init(limits: [Float], unit: Float) {
        self.limits = limits
        self.unit = unit
    }

    /// - Parameter runs: gaps at all sites for each measured good part, shape [S] each.
    init(runs: [[Float]], surface: ReferenceSurface, sites: [Int32]) {
        let widest = sites.indices.map { site in runs.reduce(Float(0)) { max($0, $1[site]) } }
        // A random thin spot of the scan pattern may fall anywhere near: each site takes the widest of its surroundings.
        let index = NeighborIndex(sites.map { surface.points[Int($0)] })
        limits = sites.map { site in
            index.within(3 * surface.spacing, of: surface.points[Int(site)]).reduce(Float(0)) {
                max($0, widest[Int($1)])
            }
        }
        unit = surface.spacing / 4
    }

    /// A site counts as lacking from this score on, half a spacing beyond the widest gap of a good part: below it, chance
    /// thin spots of the scan would speckle the map.
    private static let lackingScore: Float = 2

    /// Which sites the part lacks, by their `standardized` scores.
    static func lacking(_ scores: [Float]) -> [Int] { scores.indices.filter { scores[$0] > lackingScore } }

    /// Standardised score of each site: 0 up to the limit. Shape [S].
    func standardized(_ gaps: [Float]) -> [Float] {
        gaps.indices.map { standardized(gaps[$0], beyond: limits[$0]) }
    }

    /// The same of one gap.
    func standardized(_ gap: Float, beyond limit: Float) -> Float { max(0, gap - limit) / unit }
}
