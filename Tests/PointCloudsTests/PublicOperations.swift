import ParallelLoops
import PointClouds

/// Every public operation of PointClouds on a cloud.
enum PublicOperation: String, CaseIterable, Sendable {
    case nearest, nearestFew, within, nearestOfMany, nearestOfAll, curveOrder
    case geometry, geometryFromTable, geometryInRadius, rateOfChange, geometryAwareSampling, geometryAwareVariants
    case farthestPoints, farthestPointsOfSubset, randomSampling, voxels, patches
    case chamfer, chamferOfPatches, components, componentsOfMask, box, area, outliers, outliersFromTable
    case orientation, inverseDistance, closestPoint, removingInvalid, signedDistances, gaps
    case histograms, globalRegistration

    func run(_ input: OperationInput) -> OperationResult {
        var result = OperationResult()
        switch self {
        case .nearest, .nearestFew, .within, .nearestOfMany, .nearestOfAll, .curveOrder: search(input, &result)
        case .geometry, .geometryFromTable, .geometryInRadius, .rateOfChange, .geometryAwareSampling,
            .geometryAwareVariants, .orientation, .histograms:
            shape(input, &result)
        case .farthestPoints, .farthestPointsOfSubset, .randomSampling, .voxels, .patches: sample(input, &result)
        case .closestPoint, .globalRegistration, .signedDistances, .gaps, .chamfer, .chamferOfPatches:
            compare(input, &result)
        default: describe(input, &result)
        }
        return result
    }

    private func search(_ input: OperationInput, _ result: inout OperationResult) {
        let index = input.index
        switch self {
        case .nearest:
            for query in input.queries() {
                let found = index.nearest(to: query)
                result.add([found.index], of: input)
                result.add(found.squaredDistance)
            }
        case .nearestFew:
            for k in [-1, 0, 1, 7, 100] {
                for query in input.queries() {
                    let found = index.nearest(k, to: query)
                    result.add(found.map(\.index), of: input)
                    result.add(found.map(\.squaredDistance))
                }
            }
        case .within:
            for radius: Float in [-1, 0, 0.5, 8, 1e30, .infinity, .nan] {
                for query in input.queries().suffix(12) { result.add(index.within(radius, of: query), of: input) }
            }
        case .nearestOfMany:
            let queries = input.queries() + input.rows.map { input.points[$0] + 0.25 }
            let found = index.nearest(of: queries, workers: input.workers)
            result.add(found.indices, of: input)
            result.add(found.squaredDistances)
        case .nearestOfAll:
            for k in [-1, 0, 1, 24, 70] {
                let table = input.table(k)
                result.add(table.size)
                for row in input.rows where table.size > 0 {
                    result.add(table.neighbors(of: row), of: input)
                    result.add(Array(table.squaredDistances[row * table.size..<(row + 1) * table.size]))
                }
            }
        default:
            result.add(index.finiteCount)
            result.add(index.curveOrder, of: input)
        }
    }

    private func shape(_ input: OperationInput, _ result: inout OperationResult) {
        let (index, workers) = (input.index, input.workers)
        func add(_ geometry: SurfaceGeometry) {
            result.addRows(geometry.normals, of: input) { $0.add($1) }
            result.addRows(geometry.curvatures, of: input) { $0.add($1) }
        }
        switch self {
        case .geometry:
            for k in [0, 1, 3, 24] {
                add(SurfaceGeometry(index: index, nearest: k, workers: workers))
                add(SurfaceGeometry(index: index, nearest: k, curvature: .surfaceVariation, workers: workers))
            }
        case .geometryFromTable:
            for k in [0, 1, 24] { add(SurfaceGeometry(index: index, neighbors: input.table(k), workers: workers)) }
        case .geometryInRadius:
            for radius: Float in [0, 3, .infinity, .nan] {
                add(SurfaceGeometry(index: index, neighbors: input.table(24), radius: radius, workers: workers))
            }
        case .rateOfChange:
            result.addRows(EngineCalls.rateOfChange(index, workers), of: input) { $0.add($1) }
        case .geometryAwareSampling:
            for count in [0, 1, 64, 256] {
                result.add(EngineCalls.geometryAwareCenters(index, count: count, workers), of: input)
            }
        case .geometryAwareVariants:
            var options = GeometryAwareSampling.Options.paper
            options.allocation = .twiceTheDensity
            options.radius = 3
            for share in [-1, 0, 0.5, 1, 2, .infinity, .nan] {
                options.salientShare = share
                let centers = EngineCalls.geometryAwareCenters(index, count: 50, workers, options: options)
                result.add(centers, of: input)
            }
        case .histograms:
            let normals = NormalOrientation.outward(
                input.geometry().normals, points: input.points, neighbors: input.table(12))
            for found in FastPointFeatureHistograms.compute(
                index: index, normals: normals, neighbors: input.table(40), sizes: [0, 1, 20, 40], workers: workers)
            {
                result.addRows(Array(0..<found.count), of: input) { result, row in
                    result.add(Array(found.row(row)))
                }
            }
        default:
            let normals = NormalOrientation.outward(
                input.geometry().normals, points: input.points, neighbors: input.table(12))
            result.addRows(normals, of: input) { $0.add($1) }
        }
    }

    private func sample(_ input: OperationInput, _ result: inout OperationResult) {
        let (index, workers) = (input.index, input.workers)
        switch self {
        case .farthestPoints:
            for count in [-1, 0, 1, 300] { result.add(FarthestPointSampling.sample(index, count: count), of: input) }
        case .farthestPointsOfSubset:
            let some = input.everyThird()
            result.add(FarthestPointSampling.sample(index, count: 90, subset: some), of: input)
            result.add(FarthestPointSampling.sample(index, count: 90, subset: []), of: input)
            let start = some.last
            result.add(FarthestPointSampling.sample(index, count: 90, subset: some, start: start), of: input)
            result.add(FarthestPointSampling.sample(index, count: 90, start: start), of: input)
        case .randomSampling:
            for count in [-1, 0, 99] {
                result.add(RandomSampling.sample(index, count: count, seed: 5), of: input)
                result.add(RandomSampling.indices(count: count, of: input.points.count, seed: 6).map { Float($0) })
            }
        case .voxels:
            for size: Float in [4, 1e-30, 1e30, .leastNonzeroMagnitude, .infinity, 0, -1, .nan] {
                let voxels = VoxelSampling(input.points, size: size)
                result.add(voxels.centroids)
                result.add(voxels.counts.map { Float($0) })
                result.add(EngineCalls.voxelRepresentatives(input.points, size: size), of: input)
            }
        default:
            var centers = FarthestPointSampling.sample(index, count: 64)
            // Some of any kind, finite or not.
            centers += input.everyThird().prefix(20)
            for size in [0, 1, 64] {
                let patches = Patches(cloud: index, centers: centers, size: size, workers: workers)
                result.add(patches.centers)
                result.add(patches.memberIndices, of: input)
                result.add(patches.coordinates)
            }
        }
    }

    private func compare(_ input: OperationInput, _ result: inout OperationResult) {
        let (index, workers) = (input.index, input.workers)
        switch self {
        case .closestPoint:
            var options = IterativeClosestPoint.Options()
            options.workers = workers
            let normals = input.geometry().normals
            for initial in [nil, 5, Float.infinity] {
                options.initialDistance = initial
                result.add(
                    IterativeClosestPoint.pointToPlane(
                        source: input.moved(), target: index, targetNormals: normals, options: options))
            }
        case .globalRegistration:
            var options = GlobalRegistration.Options()
            options.workers = workers
            options.draws = 2000
            let found = GlobalRegistration.register(source: input.moved(), target: input.points, options: options)
            result.add(found.registration)
            result.add(found.quality.relativeRmse)
            result.add(found.quality.coverage)
        case .signedDistances, .gaps:
            let normals = input.geometry().normals
            let surface = OrientedSurface(index: index, normals: normals, spacing: 1)
            let part = input.rows.map { input.points[$0] + SIMD3(0.5, 0.25, 0) } + input.queries()
            let distances = surface.signedDistances(of: part, workers: workers)
            if self == .signedDistances {
                result.add(distances.values)
                result.add(distances.sites.map { $0 < 0 ? Float(-1) : 0 })
            } else {
                let sites = input.rows.map { Int32($0) }
                let partIndex = NeighborIndex(part, workers: workers)
                result.add(surface.gaps(at: sites, to: partIndex, sides: distances, workers: workers))
            }
        case .chamfer:
            result.add(ChamferDistance.between(index, NeighborIndex(input.moved()), workers: workers))
            result.add(ChamferDistance.between(index, index, workers: workers))
        default:
            let flat = input.rows.flatMap { [input.points[$0].x, input.points[$0].y, input.points[$0].z] }
            let whole = Array(flat.prefix(flat.count / 24 * 24))
            let shifted = whole.map { $0 + 0.5 }
            result.add(ChamferDistance.squared(whole, shifted, patches: whole.count / 24, workers: workers))
        }
    }

    private func describe(_ input: OperationInput, _ result: inout OperationResult) {
        let (points, index, workers) = (input.points, input.index, input.workers)
        switch self {
        case .components:
            for radius: Float in [-1, 0, 0.5, 8, 1e30, .nan] {
                let found = ConnectedComponents.labels(points, radius: radius)
                result.addLabels(found.labels, of: input)
                result.add(found.count)
            }
        case .componentsOfMask:
            var mask = [Bool](repeating: false, count: points.count)
            for i in input.everyThird() { mask[Int(i)] = true }
            let found = ConnectedComponents.labels(points, mask: mask, radius: 4)
            result.addLabels(found.labels, of: input)
        case .box:
            let box = OrientedBoundingBox(points)
            result.add(box.center)
            result.add(box.axes)
            result.add(box.extent)
        case .area:
            for k in [1, 2, 25] {
                let areas = SurfaceArea.ofPoints(input.table(k))
                result.addRows(areas, of: input) { $0.add($1) }
                result.add(SurfaceArea.estimate(areas))
                result.add(SurfaceArea.estimate(areas, subset: input.everyThird()))
            }
        case .outliers:
            for k in [0, 1, 16] {
                result.addSet(OutlierRemoval.statistical(index, neighbors: k, workers: workers), of: input)
            }
        case .outliersFromTable:
            result.addSet(OutlierRemoval.statistical(index, table: input.table(9), deviations: 1), of: input)
        case .inverseDistance:
            let sources = FarthestPointSampling.sample(index, count: 50).map { points[Int($0)] }
            let targets = input.rows.map { points[$0] } + input.queries()
            let values = (0..<sources.count).map { Float($0) }
            result.add(
                InverseDistance(from: NeighborIndex(sources), to: targets, workers: workers).map(values))
        default:
            let (cloud, kept, removed) = PointCloud(points: points).removingInvalid()
            result.add(removed.nonFinite)
            result.add(removed.repeated)
            result.add(cloud.points.count)
            result.addSet(kept, of: input)
        }
    }
}
