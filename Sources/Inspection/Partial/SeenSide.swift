import ParallelLoops
import PointClouds

/// The surface that one scan saw, and from where it was seen.
struct SeenSide: Sendable {
    /// Normals towards the sensor.
    let surface: ReferenceSurface
    /// `nil` where the scan's density does not tell it.
    let sensor: SensorPlace?
    /// The sensor's place, or a point far out on the side from which the surface looks seen.
    let eye: SIMD3<Float>
    /// 0 on borders. Shape [M].
    let weights: [Float]
    /// Points of the surface by which poses are judged, and their normals.
    let sample: [SIMD3<Float>]
    let sampleNormals: [SIMD3<Float>]
    /// Whether a normal's sign is beyond doubt: seen from the eye, the surface is not nearly on edge. Shape of `sample`.
    let isFacing: [Bool]
    /// 0 on borders. Shape of `sample`.
    let sampleWeights: [Float]
    /// Of each point of the sample the nearest of it, itself first.
    let sampleNeighbors: NeighborTable
    /// A few of the sample, for what is only to be fitted roughly.
    let sparseSample: [SIMD3<Float>]
    /// Points at which missing surface is looked for.
    let sites: [Int32]
    /// A third of them, by which poses are judged.
    let sparseSites: [Int32]
    /// A few of these, by which turns are told apart.
    let fewSites: [Int32]
    let picture: DepthPicture
    private static let sampleCount = 2000, sparseStep = 4, sampleNeighborCount = 12

    var diagonal: Float { surface.diagonal }

    init(_ given: ReferenceSurface, sensor: SensorPlace?, workers: Workers) {
        self.sensor = sensor
        let eye = sensor?.eye ?? Self.lookedFrom(given)
        self.eye = eye
        surface = ReferenceSurface(
            points: given.points,
            normals: Self.turned(given.normals, of: given.points, to: eye),
            spacing: given.spacing)
        weights = ScanBorder.weights(surface.index, workers: workers)
        let step = max(1, (surface.points.count + Self.sampleCount - 1) / Self.sampleCount)
        let chosen = stride(from: 0, to: surface.points.count, by: step)
        sample = chosen.map { [surface] in surface.points[$0] }
        sampleNormals = chosen.map { [surface] in surface.normals[$0] }
        isFacing = zip(sample, sampleNormals).map { ($1 * (eye - $0)).sum() > ViewGaps.facing * (eye - $0).norm }
        sampleWeights = chosen.map { [weights] in weights[$0] }
        sampleNeighbors = NeighborIndex(sample, workers: workers).nearestOfAll(
            min(Self.sampleNeighborCount, sample.count), workers: workers)
        sparseSample = stride(from: 0, to: sample.count, by: Self.sparseStep).map { [sample] in sample[$0] }
        sites = surface.thinned()
        sparseSites = stride(from: 0, to: sites.count, by: 3).map { [sites] in sites[$0] }
        fewSites = stride(from: 0, to: sparseSites.count, by: Self.sparseStep).map { [sparseSites] in sparseSites[$0] }
        picture = DepthPicture(surface.points, from: eye, workers: workers)
    }

    /// Normals, each turned towards an eye.
    static func turned(
        _ normals: [SIMD3<Float>], of points: [SIMD3<Float>], to eye: SIMD3<Float>
    ) -> [SIMD3<Float>] {
        zip(points, normals).map { ($1 * (eye - $0)).sum() < 0 ? -$1 : $1 }
    }

    /// Whether two poses lay the side to the same place.
    ///
    /// - Parameter distance: mm.
    func isSame(_ a: RigidTransform, _ b: RigidTransform, within distance: Float) -> Bool {
        [0, sample.count / 2, sample.count - 1].allSatisfy {
            (a.apply(sample[$0]) - b.apply(sample[$0])).norm < distance
        }
    }

    /// What an even cloud says of its sensor: along the axis in which hardly a point hides another, on the side to which the
    /// surface's outside looks.
    private static func lookedFrom(_ surface: ReferenceSurface) -> SIMD3<Float> {
        let axis = ViewDirection(of: surface.points, spacing: surface.spacing).axis
        let towards = surface.normals.reduce(Float(0)) { $0 + ($1 * axis).sum() }
        return SIMD3<Float>(surface.centroid) + (towards < 0 ? -axis : axis) * 4 * surface.diagonal
    }
}

extension ReferenceSurface {
    /// Several surfaces, each moved into one frame, side by side: nothing is averaged, so that each keeps its own scan's
    /// sharpness.
    init(joining surfaces: [(surface: ReferenceSurface, pose: RigidTransform)], spacing: Float) {
        self.init(
            points: surfaces.flatMap { $0.pose.apply($0.surface.points) },
            normals: surfaces.flatMap { entry in entry.surface.normals.map { entry.pose.rotate($0) } },
            spacing: spacing)
    }

    var diagonal: Float { index.diagonal }
}
