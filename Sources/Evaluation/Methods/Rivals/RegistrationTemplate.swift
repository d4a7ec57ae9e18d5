import ParallelLoops
import PointClouds

/// The good part to which the others are registered: the first of a class's training parts.
///
/// Reg3D-AD (Liu et al., NeurIPS 2023) takes the first too, and finds the pose by RANSAC over matched FPFH; its program has
/// a refinement by ICP, which its benchmark does not call. Ours is `GlobalRegistration`, with ICP. A pose that does not fit
/// is used all the same: the method has no way to refuse a part.
struct RegistrationTemplate: Sendable {
    let target: RegistrationTarget
    /// Mean of its points and largest distance from it, mm.
    let center: SIMD3<Float>
    let radius: Float
    /// Of RANSAC's draws.
    let seed: UInt64

    /// - Throws: a sentence where there are no parts.
    init(_ clouds: [[SIMD3<Float>]], seed: UInt64, workers: Workers) throws {
        guard let first = clouds.first else { throw RivalRefusal(description: "expected training parts, found none") }
        target = RegistrationTarget(points: first.onlyFinite, workers: workers)
        (center, radius) = first.centerAndRadius
        self.seed = seed
    }

    /// A part's points in the template's frame, in their order.
    func registered(_ cloud: [SIMD3<Float>], workers: Workers) -> [SIMD3<Float>] {
        var options = GlobalRegistration.Options()
        options.seed = seed
        options.workers = workers
        return GlobalRegistration.register(source: cloud, target: target, options: options).registration.transform
            .apply(cloud)
    }
}
