import PointClouds
import SeededRandom

/// The second cloud of operations that take two: the first shuffled, with noise of 0.002 on each axis, and moved. The
/// same recipe as the peers', so that both solve the same task.
enum SecondCloud {
    static func noisy(_ points: [SIMD3<Float>], moved motion: RigidTransform = .identity) -> [SIMD3<Float>] {
        var generator = SplitMix64(seed: 1)
        var cloud = points.map { point in
            let noise = SIMD3(generator.gaussian(), generator.gaussian(), generator.gaussian())
            return SIMD3<Float>(motion.apply(SIMD3<Double>(point) + 0.002 * noise))
        }
        for i in stride(from: cloud.count - 1, to: 0, by: -1) { cloud.swapAt(i, generator.next(below: i + 1)) }
        return cloud
    }
}
