import NeuralNetwork
import ParallelLoops
import PointClouds

/// FPFH of a part that is thinned on a grid, so that all parts of a class are equally dense.
///
/// As in the programs of BTF and Real3D-AD each histogram is of the point and its 99 nearest (`max_nn=100`), with normals
/// from 30. Their search radii are in the units of their data sets and left out: there, as here, the cap decides. Their
/// normals have Open3D's signs, by chance; ours are turned outward.
struct SurfaceHistograms: FeatureExtractor {
    private static let neighbors = 100, normalNeighbors = 30, cells = 8192

    /// Edge of the grid's cells, mm.
    let edge: Float
    /// Farthest points at which histograms are taken; `nil` is all.
    let centers: Int?

    static var settings: String { "neighbors \(neighbors), normals \(normalNeighbors), cells \(cells)" }

    /// - Parameter cloud: a good part, by which the grid is chosen: about 8,192 cells, but no more than 0.7 of its points.
    init(for cloud: [SIMD3<Float>], centers: Int?) {
        let finite = cloud.onlyFinite
        edge = VoxelSampling.edge(for: finite, cells: min(Self.cells, finite.count * 7 / 10))
        self.centers = centers
    }

    func features(of cloud: [SIMD3<Float>], workers: Workers) throws -> PlacedFeatures {
        let index = NeighborIndex(VoxelSampling(cloud, size: edge).centroids, workers: workers)
        guard index.points.count > Self.neighbors else {
            throw RivalRefusal.tooFewPoints(
                index.points.count, expected: Self.neighbors + 1, after: "left on a grid of \(edge) mm")
        }
        let neighbors = index.nearestOfAll(Self.neighbors, workers: workers)
        let geometry = SurfaceGeometry(
            index: index, neighbors: neighbors.prefix(Self.normalNeighbors), workers: workers)
        let normals = NormalOrientation.outward(
            geometry.normals, points: index.points, neighbors: neighbors.prefix(10))
        let chosen = centers.map { FarthestPointSampling.sample(index, count: $0) }
        let histograms = FastPointFeatureHistograms.compute(
            index: index, normals: normals, neighbors: neighbors, sizes: [Self.neighbors], subset: chosen,
            workers: workers)[0]
        return PlacedFeatures(
            places: chosen?.map { index.points[Int($0)] } ?? index.points,
            rows: Matrix(
                histograms.values, rows: histograms.count, columns: FastPointFeatureHistograms.width))
    }
}

extension [SIMD3<Float>] {
    var onlyFinite: [SIMD3<Float>] { filter { ($0 * 0).sum() == 0 } }

    /// Mean of the finite points, and the largest distance from it, which is positive.
    var centerAndRadius: (center: SIMD3<Float>, radius: Float) {
        let finite = onlyFinite
        let sum = finite.reduce(SIMD3<Double>.zero) { $0 + SIMD3<Double>($1) }
        let center = SIMD3<Float>(sum / Double(Swift.max(1, finite.count)))
        let square = finite.reduce(Float(0)) { Swift.max($0, (($1 - center) * ($1 - center)).sum()) }
        return (center, Swift.max(square.squareRoot(), .leastNormalMagnitude))
    }
}
