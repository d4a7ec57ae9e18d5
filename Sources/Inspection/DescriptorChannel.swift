import Foundation
import ParallelLoops
import PointClouds

/// How far the local form of a part's surface is from any that good parts have: needs no exact pose, only the sides.
enum DescriptorChannel {
    /// Logarithm of the distance to the bank at each of the part's points: distances are positive and spread about
    /// log-normally. Shape [N].
    static func map(
        _ descriptors: LocalDescriptors, at aligned: [SIMD3<Float>], bank: DescriptorBank,
        settings: DescriptorSettings, workers: Workers
    ) -> [Float] {
        let distances = bank.distances(of: descriptors, nearest: settings.nearest, workers: workers)
        let interpolation = InverseDistance(
            from: NeighborIndex(descriptors.places, workers: workers), to: aligned, workers: workers)
        return interpolation.map(distances.map { log(max($0, .leastNormalMagnitude)) })
    }
}
