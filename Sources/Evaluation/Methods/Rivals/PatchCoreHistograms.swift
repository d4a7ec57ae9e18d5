public import ParallelLoops

/// PatchCore (Roth et al., "Towards total recall in industrial anomaly detection", CVPR 2022) on FPFH, as the benchmark of
/// Real3D-AD has it.
///
/// FPFH at every point of the thinned part, training and scored alike; the bank is a greedy coreset of a tenth of them, at
/// most 10,000 (the benchmark's sampler and memory size). A point's score is the distance to the nearest of the bank, a
/// part's the greatest, reweighted by PatchCore's eq. 7, which the benchmark leaves out. The benchmark registers parts
/// first; FPFH do not depend on the pose, so ours does not.
public struct PatchCoreHistograms: DetectionMethod {
    static let coresetShare = 0.1

    public var name: String { Rival.patchCoreHistograms.rawValue }
    public var fingerprint: String { "\(name)|\(SurfaceHistograms.settings), coreset \(Self.coresetShare)" }

    public init() {}

    public func taught(
        _ partClass: String, from clouds: [[SIMD3<Float>]], seed: UInt64, workers: Workers,
        progress: (Double) -> Bool
    ) throws -> any TaughtDetector {
        try MemoryBankDetector.taught(
            name, from: clouds, by: SurfaceHistograms(for: clouds.first ?? [], centers: nil),
            coresetShare: Self.coresetShare, seed: seed, workers: workers, progress: progress)
    }
}
