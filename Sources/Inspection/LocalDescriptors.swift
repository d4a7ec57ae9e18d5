import ParallelLoops
import PointClouds

/// Descriptors of a part's surface at well-spread places: averaged FPFH at several sizes.
struct LocalDescriptors: Sendable {
    /// Where, in the taught frame, mm. Shape [C].
    let places: [SIMD3<Float>]
    /// Shape [C, width].
    let rows: [Float]
    let width: Int

    init(places: [SIMD3<Float>], rows: [Float], width: Int) {
        precondition(rows.count == places.count * width)
        self.places = places
        self.rows = rows
        self.width = width
    }

    /// - Parameters:
    ///   - aligned: a part in the taught frame, mm.
    ///   - surface: tells which side of the part is outside: histograms depend on the normals' sign.
    ///   - grid: edge of the cells to which the part is thinned, mm.
    /// - Returns: `nil` where fewer cells than neighbours of a descriptor are left.
    /// - Complexity: O(C k) for C cells and k neighbours of the largest histogram.
    init?(
        of aligned: [SIMD3<Float>], surface: ReferenceSurface, grid: Float, settings: DescriptorSettings,
        workers: Workers
    ) {
        let index = NeighborIndex(VoxelSampling(aligned, size: grid).centroids, workers: workers)
        let widest = max(settings.averaged, settings.sizes.max() ?? 0, settings.normalNeighbors)
        guard index.points.count > widest else { return nil }
        let neighbors = index.nearestOfAll(widest, workers: workers)
        let geometry = SurfaceGeometry(
            index: index, neighbors: neighbors.prefix(settings.normalNeighbors), workers: workers)
        let sites = surface.project(index.points, workers: workers).sites
        let normals = index.points.indices.map { i in
            let outward = sites[i] < 0 ? SIMD3(0, 0, 1) : surface.normals[Int(sites[i])]
            return (geometry.normals[i] * outward).sum() < 0 ? -geometry.normals[i] : geometry.normals[i]
        }
        let histograms = FastPointFeatureHistograms.compute(
            index: index, normals: normals, neighbors: neighbors, sizes: settings.sizes, workers: workers)
        let centers = FarthestPointSampling.sample(index, count: settings.centers)
        let (width, averaged) = (settings.width, settings.averaged)
        var rows = [Float](repeating: 0, count: centers.count * width)
        rows.withUnsafeMutableBufferPointer { rows in
            let rows = DisjointWrites(rows)
            workers.run(over: centers.count, by: 64) { range in
                var sum = [Float](repeating: 0, count: width)
                for row in range {
                    for k in 0..<width { sum[k] = 0 }
                    for neighbor in neighbors.neighbors(of: Int(centers[row])).prefix(averaged) {
                        for (number, histogram) in histograms.enumerated() {
                            let start = Int(neighbor) * FastPointFeatureHistograms.width
                            let offset = number * FastPointFeatureHistograms.width
                            for bin in 0..<FastPointFeatureHistograms.width {
                                sum[offset + bin] += histogram.values[start + bin]
                            }
                        }
                    }
                    for k in 0..<width { rows[row * width + k] = sum[k] / Float(averaged) }
                }
            }
        }
        self.init(places: centers.map { index.points[Int($0)] }, rows: rows, width: width)
    }

    /// Edge of the cells at which a cloud leaves about `cells` of them, but no more than 0.7 of its points, so that a thin
    /// cloud is thinned too and chance clusters of points vanish.
    ///
    /// - Complexity: O(N) for each of twelve halvings.
    static func grid(for cloud: [SIMD3<Float>], cells: Int) -> Float {
        VoxelSampling.edge(for: cloud, cells: min(cells, cloud.count * 7 / 10))
    }
}
