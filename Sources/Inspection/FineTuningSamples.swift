import SeededRandom
import IMRNet
import PointClouds

/// Patches of good parts for fine-tuning: cut once from several fresh resamplings of each part, then turned a little
/// and jittered anew at every use.
struct FineTuningSamples: Sendable {
    private let draws: [Patches]

    /// Largest turn, degrees: what registration leaves is far below it.
    private static let maximumAngle: Float = 3
    /// Standard deviation of the jitter in the unit ball; a scanner's noise on a part of 200 mm.
    private static let jitter: Float = 0.0003
    /// Resamplings of each part.
    static let drawsPerPart = 6

    /// - Parameter clouds: parts in the taught frame, mm.
    init(
        _ clouds: [[SIMD3<Float>]], channels: NetworkChannels, template: Template, options: TeachingOptions,
        seed: UInt64
    ) {
        var draws: [Patches] = []
        for (part, cloud) in clouds.enumerated() {
            for draw in 0..<Self.drawsPerPart {
                var resampling = Resampling(
                    seed: seed &+ UInt64(part * Self.drawsPerPart + draw), keptShare: options.keptShare)
                // Stays in the taught frame: the turn is made at each use.
                resampling.maximumAngle = 0
                resampling.maximumShift = 0
                if let sample = channels.sample(resampling.resample(cloud), template: template) {
                    draws.append(sample.patches)
                }
            }
        }
        self.draws = draws
    }

    /// The draws as they are, for validation.
    var unchanged: [Patches] { draws }

    /// Patches of a part, part after part, from a draw that chance picks, turned and jittered.
    func sample(_ index: Int, _ random: inout SplitMix64) -> Patches {
        let parts = draws.count / Self.drawsPerPart
        let draw = draws[index % parts * Self.drawsPerPart + Int(random.next() % UInt64(Self.drawsPerPart))]
        let axis = SIMD3(Double(random.normal()), Double(random.normal()), Double(random.normal()))
        let turn = RigidTransform(axis: axis, degrees: Double(Self.maximumAngle * (2 * random.uniform() - 1)))
        var coordinates = draw.coordinates
        for i in stride(from: 0, to: coordinates.count, by: 3) {
            let jitter = SIMD3(random.normal(), random.normal(), random.normal()) * Self.jitter
            let point = turn.rotate(SIMD3(coordinates[i], coordinates[i + 1], coordinates[i + 2])) + jitter
            (coordinates[i], coordinates[i + 1], coordinates[i + 2]) = (point.x, point.y, point.z)
        }
        return Patches(
            size: draw.size, centerIndices: draw.centerIndices, centers: draw.centers.map { turn.apply($0) },
            memberIndices: draw.memberIndices, coordinates: coordinates)
    }
}
