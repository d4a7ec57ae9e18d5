import NeuralNetwork
import ParallelLoops
import PointClouds

/// Features of a part at some places of its surface.
struct PlacedFeatures: Sendable {
    /// In the part's own coordinates, mm. Shape [M].
    var places: [SIMD3<Float>]
    /// Shape [M, F].
    var rows: Matrix
}

/// What a method with a memory bank looks at.
protocol FeatureExtractor: Sendable {
    /// - Throws: `RivalRefusal` where the part has too few points.
    func features(of cloud: [SIMD3<Float>], workers: Workers) throws -> PlacedFeatures
}

/// A detector that says how far a part's features are from a bank of the good parts'; distances are carried to all points
/// by the mean of the three nearest places, weighted by inverse distance.
struct MemoryBankDetector: TaughtDetector {
    let name: String
    let extractor: any FeatureExtractor
    let bank: MemoryBank

    var rows: [String] { [name] }

    /// - Parameter coresetShare: of the features, that the bank keeps; `nil` is all of them.
    static func taught(
        _ name: String, from clouds: [[SIMD3<Float>]], by extractor: any FeatureExtractor, coresetShare: Double?,
        seed: UInt64, workers: Workers, progress: (Double) -> Bool
    ) throws -> MemoryBankDetector {
        let parts = try RivalTeaching.collect(clouds, progress: progress) { cloud in
            try extractor.features(of: cloud, workers: workers).rows
        }
        var bank = MemoryBank(parts)
        if let coresetShare { bank = bank.coreset(share: coresetShare, seed: seed, workers: workers) }
        return MemoryBankDetector(name: name, extractor: extractor, bank: bank)
    }

    func score(_ cloud: [SIMD3<Float>]) -> PartDetection {
        PartDetection.timed(rows: rows) {
            let features = try extractor.features(of: cloud, workers: .one)
            let nearest = bank.nearest(to: features.rows, workers: .one)
            let carried = InverseDistance(
                from: NeighborIndex(features.places, workers: .one), to: cloud, workers: .one)
            return DetectionResult(
                partScore: bank.reweightedMaximum(features.rows, nearest), pointScores: carried.map(nearest.distances))
        }
    }
}

enum RivalTeaching {
    /// What `body` makes of each part, until somebody does not want to go on.
    ///
    /// - Throws: a sentence where there are no parts, or which part cannot be used.
    static func collect<Value>(
        _ clouds: [[SIMD3<Float>]], progress: (Double) -> Bool, _ body: ([SIMD3<Float>]) throws -> Value
    ) throws -> [Value] {
        guard !clouds.isEmpty else { throw RivalRefusal(description: "expected training parts, found none") }
        var values: [Value] = []
        for (number, cloud) in clouds.enumerated() {
            do {
                values.append(try body(cloud))
            } catch let refusal as RivalRefusal {
                throw RivalRefusal(description: "training part \(number + 1) of \(clouds.count): \(refusal)")
            }
            guard progress(0.8 * Double(number + 1) / Double(clouds.count)) else { break }
        }
        return values
    }
}

extension PartDetection {
    /// One row and the time that it took; a refusal makes the part undecidable.
    static func timed(rows: [String], _ body: () throws -> DetectionResult) -> PartDetection {
        let start = ContinuousClock.now
        let result = Result { try body() }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        switch result {
        case .success(let result): return PartDetection(rows: [result], seconds: seconds)
        case .failure(let error):
            return PartDetection(
                rows: rows.map { _ in DetectionResult(partScore: nil, pointScores: []) }, undecidable: "\(error)",
                seconds: seconds)
        }
    }
}
