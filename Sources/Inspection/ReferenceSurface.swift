import ParallelLoops
import PointClouds

/// The taught surface of a part type: the good scans, registered and merged, as points with outward normals.
public struct ReferenceSurface: Sendable {
    /// Points in the taught pose, mm. Each was moved onto the plane fitted to its neighbourhood, so that the noise of
    /// single scan points does not become tolerance.
    public let points: [SIMD3<Float>]
    /// Unit normals, outward.
    public let normals: [SIMD3<Float>]
    /// Mean distance between neighbouring points of one scan, mm.
    public let spacing: Float
    let index: NeighborIndex
    /// Mean of the points, mm.
    let centroid: SIMD3<Double>

    /// Neighbours in the plane fit: at four scans about one ring of points, small against any form worth inspecting.
    static let planeNeighbors = 12
    /// Tangent planes that a point may lie on.
    static let planeCandidates = 6
    /// Part points among which one of the same side is looked for.
    static let gapCandidates = 16

    init(points: [SIMD3<Float>], normals: [SIMD3<Float>], spacing: Float) {
        self.points = points
        self.normals = normals
        self.spacing = spacing
        self.index = NeighborIndex(points)
        self.centroid = points.centroid
    }

    /// Fits a surface to scans that are already in one frame.
    ///
    /// - Parameters:
    ///   - scans: at least one, each with at least `planeNeighbors` points.
    ///   - spacing: mean point spacing of one scan, mm; the merged cloud is thinned to half of it.
    init(fitting scans: [[SIMD3<Float>]], spacing: Float, workers: Workers) {
        let merged = VoxelSampling(scans.flatMap { $0 }, size: spacing / 2).centroids
        let mergedIndex = NeighborIndex(merged, workers: workers)
        let neighbors = mergedIndex.nearestOfAll(Self.planeNeighbors, workers: workers)
        let geometry = SurfaceGeometry(index: mergedIndex, neighbors: neighbors, workers: workers)
        var smoothed = merged
        for i in merged.indices {
            var mean = SIMD3<Float>.zero
            for neighbor in neighbors.neighbors(of: i) { mean += merged[Int(neighbor)] }
            mean /= Float(neighbors.size)
            let normal = geometry.normals[i]
            smoothed[i] -= ((merged[i] - mean) * normal).sum() * normal
        }
        let normals = NormalOrientation.outward(geometry.normals, points: merged, neighbors: neighbors)
        self.init(points: smoothed, normals: normals, spacing: spacing)
    }

    /// Where points lie with respect to the surface.
    struct Projection: Sendable {
        /// Signed distance in mm, outward positive. Shape [N].
        var distances: [Float]
        /// Index of the surface point whose tangent plane that is; it tells the side of a thin wall. Shape [N].
        var sites: [Int32]
    }

    /// Projects points in the taught frame onto the surface.
    ///
    /// To a tangent plane near by: of those at the `planeCandidates` nearest surface points the one that lies closest,
    /// since at an edge the nearest point may belong to the other face. Where a point lies beside the surface by more
    /// than the spacing, the excess of the lateral distance counts too.
    /// - Complexity: O(N log M) for N points on a surface of M.
    func project(_ queries: [SIMD3<Float>], workers: Workers) -> Projection {
        var distances = [Float](repeating: 0, count: queries.count)
        var sites = [Int32](repeating: 0, count: queries.count)
        distances.withUnsafeMutableBufferPointer { distanceBuffer in
            sites.withUnsafeMutableBufferPointer { siteBuffer in
                let distance = DisjointWrites(distanceBuffer), site = DisjointWrites(siteBuffer)
                workers.run(over: queries.count, by: 512) { range in
                    for i in range { (distance[i], site[i]) = project(queries[i]) }
                }
            }
        }
        return Projection(distances: distances, sites: sites)
    }

    private func project(_ query: SIMD3<Float>) -> (distance: Float, site: Int32) {
        var best = Float.infinity, sign: Float = 1, chosen: Int32 = 0
        for candidate in index.nearest(Self.planeCandidates, to: query) {
            let site = Int(candidate.index)
            let height = ((query - points[site]) * normals[site]).sum()
            let lateral = max(0, (candidate.squaredDistance - height * height).squareRoot0 - spacing)
            let distance = (height * height + lateral * lateral).squareRoot()
            if distance < best { (best, sign, chosen) = (distance, height < 0 ? -1 : 1, candidate.index) }
        }
        return (sign * best, chosen)
    }

    /// For each of `sites` the lateral distance in mm to the nearest point of a part on the same side of the wall: large
    /// where the part has no surface, small where its surface lies merely higher or lower.
    ///
    /// - Parameters:
    ///   - part: the part's points in the taught frame.
    ///   - projection: theirs onto this surface.
    func gaps(at sites: [Int32], to part: NeighborIndex, projection: Projection, workers: Workers) -> [Float] {
        var gaps = [Float](repeating: 0, count: sites.count)
        gaps.withUnsafeMutableBufferPointer { buffer in
            let target = DisjointWrites(buffer)
            workers.run(over: sites.count, by: 512) { range in
                for i in range { target[i] = gap(at: Int(sites[i]), to: part, projection) }
            }
        }
        return gaps
    }

    private func gap(at site: Int, to part: NeighborIndex, _ projection: Projection) -> Float {
        let normal = normals[site]
        var farthest: Float = 0
        for candidate in part.nearest(Self.gapCandidates, to: points[site]) {
            farthest = candidate.squaredDistance
            let side = normals[Int(projection.sites[Int(candidate.index)])]
            guard (side * normal).sum() > 0 else { continue }
            let height = ((part.points[Int(candidate.index)] - points[site]) * normal).sum()
            return (candidate.squaredDistance - height * height).squareRoot0
        }
        // All of them on the other side: at least as far as the last.
        return farthest.squareRoot0
    }
}

extension Float {
    /// Square root with rounding residue below zero taken as zero.
    fileprivate var squareRoot0: Float { self > 0 ? squareRoot() : 0 }
}
