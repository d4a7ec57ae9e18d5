import IMRNet
import NeuralNetwork
import ParallelLoops
import SeededRandom
import Testing

@testable import Inspection

/// Synthetic defects on a form in closed form.
@Suite(.serialized) struct DetectionCurveTests {
    /// Six, since with three the tolerance bound is so wide that hardly a defect of this form reaches it; of 6,000 points,
    /// since the largest hole is but seven spacings wide with half of them.
    private static let good = (1...6).map { SyntheticPart(points: 6000).scan(seed: UInt64($0)) }

    private static let model: PartModel = {
        var options = TeachingOptions()
        options.steps = 0
        options.scoring.channels = [.deviation]
        do {
            return try Teaching.teach(
                "egg", from: good, backbone: ReconstructionNetwork(NetworkConfiguration(.small), seed: 1),
                options: options
            ).model
        } catch {
            fatalError("\(error)")
        }
    }()

    private func curve(trials: Int, workers: Workers) -> DetectionCurve {
        DetectionCurve(
            of: Self.model, good: Self.good, trials: trials, seed: 5, workers: workers, progress: { _ in })
    }

    @Test func deeperDefectsScoreHigherAndTheDeepestAreFound() throws {
        let curve = curve(trials: 2, workers: .all), threshold = Self.model.calibration.threshold.value
        #expect(curve.kinds.map(\.name) == ["bulge", "concavity", "hole", "scratch", "crack"])
        for kind in curve.kinds {
            let means = kind.levels.map { $0.scores.reduce(0, +) / Double($0.scores.count) }
            #expect(means[5] >= means[0], "\(kind.name): \(means)")
        }
        for kind in curve.kinds where ["bulge", "concavity", "hole"].contains(kind.name) {
            #expect(kind.levels[5].found(above: threshold) == 1, "\(kind)")
            #expect(kind.levels[0].found(above: threshold) < 1, "\(kind)")
            #expect(kind.smallest(above: threshold) != nil)
        }
    }

    @Test func sameBitsOnAnyNumberOfThreads() {
        #expect(curve(trials: 1, workers: .one) == curve(trials: 1, workers: Workers(count: 2)))
    }

    @Test func theSmallestFoundIsTheFirstWithoutAGapAbove() {
        let levels = [(0.1, 1.0), (0.2, 0.0), (0.3, 1.0), (0.4, 1.0)].map {
            DetectionCurve.Level(depth: $0.0, size: 5, scores: [$0.1 * 9])
        }
        let kind = DetectionCurve.Kind(name: "bulge", levels: levels)
        #expect(kind.smallest(above: 5)?.depth == 0.3)
        #expect(kind.smallest(above: 9) == nil)
    }

    @Test func aDefectChangesOnlyItsPlace() {
        let points = Self.good[0], normals = points.map { $0 / ($0 * $0).sum().squareRoot() }
        var generator = SplitMix64(seed: 3)
        let bulge = SyntheticDefect(kind: .bulge, depth: 2, size: 20, halfWidth: 1)
        let moved = bulge.applied(to: points, normals: normals, at: 17, generator: &generator)
        let middle = moved[17] - points[17]
        #expect(abs((middle * normals[17]).sum() - 2) < 1e-5)
        for i in points.indices where moved[i] != points[i] {
            let offset = points[i] - points[17]
            #expect((offset * offset).sum() < 100)
        }
        let hole = SyntheticDefect(kind: .hole, depth: 0, size: 20, halfWidth: 1)
        let left = hole.applied(to: points, normals: normals, at: 17, generator: &generator)
        #expect(left.count < points.count && !left.contains(points[17]))
    }
}
