import Foundation
import IMRNet
import NeuralNetwork
import ParallelLoops
import PointClouds
import Testing

@testable import Inspection

/// The literal reading of the paper: what it is made of, and that it goes the whole way from good parts to a score.
@Suite(.serialized) struct PaperProfileTests {
    private static let taught: Teaching.Result = {
        var options = TeachingOptions(profile: .paper)
        options.steps = 4
        options.scoring.sampledPoints = 4096
        let backbone = ReconstructionNetwork(NetworkConfiguration(.small), seed: 1)
        do {
            return try Teaching.teach(
                "egg", from: (1...4).map { SyntheticPart().scan(seed: UInt64($0)) }, backbone: backbone,
                options: options)
        } catch {
            fatalError("\(error)")
        }
    }()

    private var model: PartModel { Self.taught.model }

    @Test func theModelHoldsTheLiteralSettings() throws {
        let read = try PartModel(
            partType: "egg", threshold: model.calibration.threshold, files: try model.files())
        var expected = ScoringSettings.paper
        expected.sampledPoints = 4096
        #expect(read.settings == expected && read.settings.profile == .paper)
        #expect(read.settings.masks == .random && !read.settings.sampling.scalesBySpacing)
        #expect(read.calibration.fusion == .paper)
        #expect(read.calibration.channelLimits == [.reconstruction: 1, .feature: 1])
        // One mean and spread for the whole surface.
        #expect([.reconstruction, .feature].allSatisfy { read.calibration.statistics[$0]?.anchors.count == 1 })
        // Squared distances in the unit ball as they are: their logarithms would be below 0.
        #expect((0..<1).contains(read.calibration.statistics[.reconstruction]?.means[0] ?? -1))
        let cloud = SyntheticPart().scan(seed: 60)
        #expect(PartScorer(model: read).inspect(cloud).score == PartScorer(model: model).inspect(cloud).score)
    }

    @Test func onlyTheTwoChannelsMakeTheScore() throws {
        let cloud = SyntheticPart(defect: SyntheticPart.bump(1.5, at: SIMD3(0.6, -0.8, 0))).scan(seed: 61)
        let inspection = PartScorer(model: model).inspect(cloud)
        let map = try #require(inspection.map)
        #expect(Set(inspection.channelScores.keys) == [.reconstruction, .feature])
        #expect(map.points.count == map.partPointCount, "no sites of missing surface join the map")
        let reconstruction = try #require(map.channels[.reconstruction])
        let feature = try #require(map.channels[.feature])
        for i in stride(from: 0, to: map.fused.count, by: 97) {
            #expect(abs(map.fused[i] - (max(0, reconstruction[i]) + max(0, feature[i])) / 2) < 1e-4)
        }
        let part = try #require(PreparedPart(cloud, minimum: 100, workers: .all))
        let smoothed = part.smoothed(map.fused, over: 24).max() ?? 0
        #expect(abs((inspection.score ?? 0) - smoothed) < 1e-4 * smoothed)
    }

    @Test func goodPartsPassAndAreToldInTheReport() {
        for seed: UInt64 in 20..<23 {
            let inspection = PartScorer(model: model).inspect(SyntheticPart().scan(seed: seed))
            #expect(inspection.evaluation == .ok, "seed \(seed): \(inspection.reasons)")
        }
        let report = Self.taught.report
        #expect(report.goodParts.count == 4)
        #expect(
            report.goodParts.allSatisfy {
                $0.scores.count == 3 && Set($0.channels.keys) == [.reconstruction, .feature]
            })
        #expect(report.goodParts.allSatisfy { $0.rejected == 0 })
        #expect(report.validation.map(\.step) == [4] && report.training.map(\.step) == [4])
    }

    @Test func sameBitsOnAnyNumberOfThreads() {
        let cloud = SyntheticPart(defect: SyntheticPart.bump(1, at: SIMD3(1, 0, 0))).scan(seed: 70)
        let one = PartScorer(model: model, workers: .one).inspect(cloud)
        let two = PartScorer(model: model, workers: Workers(count: 2)).inspect(cloud)
        #expect(one.score == two.score && one.map?.fused == two.map?.fused)
    }

    @Test func settingsOfBeforeReadAsTheDefault() throws {
        let old = Data(
            #"{"sampledPoints":8192,"patchCount":256,"patchSize":64,"iterations":3,"maskRatio":0.4,"seed":2024}"#.utf8)
        // But for the descriptor, which such a model has no bank for.
        var before = ScoringSettings()
        before.channels = [.reconstruction, .feature, .deviation]
        #expect(try JSONDecoder().decode(ScoringSettings.self, from: old) == before)
        let encoded = try JSONEncoder().encode(ScoringSettings.paper)
        #expect(try JSONDecoder().decode(ScoringSettings.self, from: encoded) == .paper)
        let unknown = String(decoding: encoded, as: UTF8.self).replacing("\"raw\"", with: "\"cubic\"")
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(ScoringSettings.self, from: Data(unknown.utf8))
        }
    }

    @Test func overallStatisticsAreMeanAndSpreadEverywhere() {
        let values: [Float] = [1, 3, 5, 7]
        let statistics = PlaceStatistics(overall: values, resolution: 0)
        #expect(statistics.means == [4] && abs(statistics.deviations[0] - Float(5).squareRoot()) < 1e-6)
        let places = [SIMD3<Float>(0, 0, 0), SIMD3(100, 0, 0), SIMD3(0, -7, 3), SIMD3(1, 1, 1)]
        let standardized = statistics.standardized(values, at: places, workers: .one)
        for (z, value) in zip(standardized, values) { #expect(abs(z - (value - 4) / Float(5).squareRoot()) < 1e-6) }
    }

    /// A teaching that is taken up from a checkpoint makes the same model and the same report.
    @Test func anInterruptedTeachingGoesOnToTheSameModel() throws {
        var options = TeachingOptions(profile: .paper)
        options.steps = 30
        options.batch = 1
        options.scoring.sampledPoints = 2048
        options.scoring.patchCount = 24
        let backbone = ReconstructionNetwork(
            NetworkConfiguration(width: 32, heads: 2, encoderDepth: 1, decoderDepth: 3, tokenizerWidths: [16, 16, 32]),
            seed: 3)
        let clouds = (1...3).map { SyntheticPart().scan(seed: UInt64($0)) }
        var saved: SafeTensors?
        let whole = try Teaching.teach(
            "egg", from: clouds, backbone: backbone, options: options, save: { if saved == nil { saved = $0 } })
        let file = try SafeTensors(decoding: try #require(saved).encoded())
        #expect(file.metadata["steps"] == "25")
        let resumed = try Teaching.teach("egg", from: clouds, backbone: backbone, options: options, resuming: file)
        #expect(resumed.report == whole.report)
        #expect(try resumed.model.files() == whole.model.files())

        // Stopped by hand: goes on with the best so far, and says so.
        var asked = 0
        let stopped = try Teaching.teach(
            "egg", from: clouds, backbone: backbone, options: options,
            stopsEarly: {
                asked += 1
                return asked > 27
            })
        #expect(stopped.report.ending == "cancelled" && stopped.report.steps == 27)
        #expect(stopped.report.bestValidationLoss <= stopped.report.lossBefore)
    }
}
