import PointClouds
import Testing

@testable import Inspection

@Suite struct RegionExtractionTests {
    /// A flat 40 x 40 grid of 1 mm with two bumps of score and two single hot points.
    private func map() -> ScoreMap {
        var points: [SIMD3<Float>] = [], fused: [Float] = [], deviations: [Float] = []
        for y in 0..<40 {
            for x in 0..<40 {
                points.append(SIMD3(Float(x), Float(y), 0))
                let first = max(abs(x - 10), abs(y - 10)), second = max(abs(x - 30), abs(y - 28))
                let isSingle = (x, y) == (5, 35)
                fused.append(first <= 3 ? 9 - Float(first) : second <= 2 ? 5 : isSingle ? 20 : 0.5)
                deviations.append(first <= 3 ? 1 + Float(3 - first) : second <= 2 ? -0.7 : 0)
            }
        }
        return ScoreMap(
            points: points, partPointCount: points.count, fused: fused, channels: [:], deviations: deviations)
    }

    private let extraction = RegionExtraction(seedLevel: 3, growLevel: 2, radius: 1.5)

    @Test func twoRegionsWithPlaceSizeAndSign() throws {
        let map = map()
        let regions = extraction.regions(
            in: map, areas: [Float](repeating: 1, count: map.points.count), tolerance: 0.1)
        #expect(regions.map(\.id) == [1, 2])
        let bump = regions[0], dent = regions[1]
        #expect(simd(bump.centroid, SIMD3(10, 10, 0)) < 0.01)
        #expect(bump.points == 49 && bump.area == 49 && bump.peak == 9)
        #expect(bump.kind == .excess)
        #expect(try #require(bump.deviation) > 1.5)
        #expect(abs(bump.box.extent.x - 6) < 0.01 && abs(bump.box.extent.y - 6) < 0.01 && bump.box.extent.z < 0.01)
        #expect(dent.points == 25 && dent.kind == .missing)
        #expect(dent.deviation == -0.7)
    }

    /// A bend: most of it stands out, a little lies back by more.
    @Test(arguments: [Float(1), -1]) func `The deviation has the direction of the region's kind`(_ side: Float) throws {
        var map = map()
        let bump = map.points.indices.filter { map.deviations[$0] > 0 }
        for (rank, entry) in bump.enumerated() { map.deviations[entry] = rank % 5 == 0 ? -8 * side : 2 * side }
        let first = try #require(
            extraction.regions(
                in: map, areas: [Float](repeating: 1, count: map.points.count), tolerance: 0.1
            ).first)
        #expect(first.kind == (side > 0 ? .excess : .missing))
        #expect(first.deviation == 2 * side)
    }

    @Test func whereOnlySpecksStandOutTheStrongestIsReported() {
        var map = map()
        map.fused = map.fused.indices.map { map.fused[$0] == 20 ? 20 : 0 }
        let regions = extraction.regions(
            in: map, areas: [Float](repeating: 1, count: map.points.count), tolerance: 0.1)
        #expect(regions.count == 1 && regions[0].points == 1)
    }

    @Test func nothingAboveTheLevelIsNoRegion() {
        var map = map()
        map.fused = map.fused.map { _ in 1 }
        #expect(extraction.regions(in: map, areas: map.fused, tolerance: 0.1).isEmpty)
    }

    @Test func lackingSitesMakeAMissingRegionWithoutDeviation() {
        var map = map()
        map.partPointCount = 0
        map.deviations = map.deviations.map { _ in .nan }
        let regions = extraction.regions(
            in: map, areas: [Float](repeating: 1, count: map.points.count), tolerance: 0.1)
        #expect(regions.allSatisfy { $0.kind == .missing && $0.deviation == nil })
    }

    private func simd(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float { ((a - b) * (a - b)).sum().squareRoot() }
}
