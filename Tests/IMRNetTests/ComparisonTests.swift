import SeededRandom
import IMRNet
import NeuralNetwork
import ParallelLoops
import PointClouds
import Testing

struct ComparisonTests {
    @Test func templateMatchesAgainstBruteForce() {
        var random = SplitMix64(seed: 1)
        func points(_ count: Int) -> [SIMD3<Float>] {
            (0..<count).map { _ in SIMD3(random.normal(), random.normal(), random.normal()) }
        }
        let width = 20, templateCenters = points(50), centers = points(33)
        let templateFeatures = (0..<50 * width).map { _ in random.normal() }
        let features = (0..<33 * width).map { _ in random.normal() }
        let template = FeatureTemplate(features: templateFeatures, centers: templateCenters, width: width)
        let matches = template.matches(features, centers: centers)
        for patch in 0..<33 {
            func place(_ index: Int) -> Float {
                let difference = templateCenters[index] - centers[patch]
                return (difference * difference).sum()
            }
            func distance(_ index: Int) -> Float {
                var sum: Float = 0
                for k in 0..<width {
                    let difference = features[patch * width + k] - templateFeatures[index * width + k]
                    sum += difference * difference
                }
                return sum.squareRoot()
            }
            let near = (0..<50).sorted { place($0) < place($1) }.prefix(16)
            let best = near.min { distance($0) < distance($1) }
            #expect(matches[patch].index == best)
            #expect(abs(matches[patch].distance - distance(matches[patch].index)) < 1e-5)
        }

        let limit = matches.map(\.distance).sorted()[16]
        let regularized = template.regularized(features, centers: centers, limit: limit)
        for (patch, match) in matches.enumerated() {
            let expected =
                match.distance > limit
                ? templateFeatures[match.index * width..<(match.index + 1) * width]
                : features[patch * width..<(patch + 1) * width]
            #expect(Array(regularized[patch * width..<(patch + 1) * width]) == Array(expected))
        }
    }

    @Test func pointMap() {
        let (patches, points) = sheetPatches(count: 10, size: 16, seed: 3)
        let values = (0..<10).map { Float($0) }
        let map = PatchScores(values).pointMap(patches, points: points)
        #expect(map.count == points.count)
        var uncovered = 0
        for (index, point) in points.enumerated() {
            let holders = (0..<10).filter { patch in
                patches.memberIndices[patch * 16..<(patch + 1) * 16].contains(Int32(index))
            }
            if holders.isEmpty {
                uncovered += 1
                let near = (0..<10).map { patch -> (Float, Float) in
                    let difference = patches.centers[patch] - point
                    return ((difference * difference).sum().squareRoot(), values[patch])
                }.sorted { $0.0 < $1.0 }.prefix(3)
                let weights = near.map { 1 / $0.0 }
                let expected = zip(near, weights).map { $0.1 * $1 }.reduce(0, +) / weights.reduce(0, +)
                #expect(abs(map[index] - expected) < 1e-5)
            } else {
                let expected = holders.map { values[$0] }.reduce(0, +) / Float(holders.count)
                #expect(abs(map[index] - expected) < 1e-5)
            }
        }
        #expect(uncovered > 0 && uncovered < points.count)
    }
}
