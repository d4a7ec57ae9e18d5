public import ParallelLoops

/// BTF with FPFH (Horwitz and Hoshen, CVPR workshops 2023), as the benchmark of Real3D-AD runs it on whole parts.
///
/// The features are FPFH, which no motion changes, so that parts are not registered. The bank is those of 2,048 farthest
/// points of each training part, without a coreset; scored are 2,048 points of a part (the benchmark: every hundredth and
/// every five-hundredth of some 300,000 points) and carried to the rest. A part's score is the greatest, reweighted. The
/// paper's own program, for depth images, averages histograms over 3 x 3 pixels and a grid of 28 x 28 and keeps a tenth.
public struct BTFHistograms: DetectionMethod {
    private static let centers = 2048

    public var name: String { Rival.btfHistograms.rawValue }
    public var fingerprint: String { "\(name)|\(SurfaceHistograms.settings), centers \(Self.centers)" }

    public init() {}

    public func taught(
        _ partClass: String, from clouds: [[SIMD3<Float>]], seed: UInt64, workers: Workers,
        progress: (Double) -> Bool
    ) throws -> any TaughtDetector {
        try MemoryBankDetector.taught(
            name, from: clouds, by: SurfaceHistograms(for: clouds.first ?? [], centers: Self.centers),
            coresetShare: nil, seed: seed, workers: workers, progress: progress)
    }
}
