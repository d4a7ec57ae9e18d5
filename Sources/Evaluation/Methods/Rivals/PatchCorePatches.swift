import ParallelLoops

/// PatchCore (Roth et al., CVPR 2022) on features of patches, as the benchmark of Real3D-AD has it on Point-MAE's.
///
/// Parts are registered to the first training part, because such features change as a part is turned. The bank is a greedy
/// coreset of a tenth of the features, at most 10,000, chosen by random projections of width 128. A patch's score is the
/// distance to the nearest of the bank, a part's the greatest, reweighted by PatchCore's eq. 7, which the benchmark leaves
/// out; the benchmark gives a point the score of the nearest patch, ours the mean of three. The features are those of our
/// backbone (`BackbonePatches`), not fine-tuned: what it is worth without masks and reconstruction.
struct PatchCorePatches: DetectionMethod {
    let backbone: PretrainedBackbone

    var name: String { Rival.patchCorePatches.rawValue }
    var fingerprint: String {
        "\(name)|\(backbone.fingerprint), coreset \(PatchCoreHistograms.coresetShare)"
    }

    func taught(
        _ partClass: String, from clouds: [[SIMD3<Float>]], seed: UInt64, workers: Workers,
        progress: (Double) -> Bool
    ) throws -> any TaughtDetector {
        let template = try RegistrationTemplate(clouds, seed: seed, workers: workers)
        return try MemoryBankDetector.taught(
            name, from: clouds, by: RegisteredPatches(network: backbone.network, template: template),
            coresetShare: PatchCoreHistograms.coresetShare, seed: seed, workers: workers, progress: progress)
    }
}
