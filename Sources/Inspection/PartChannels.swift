import IMRNet
import ParallelLoops
import PointClouds

/// The channels of a registered part other than its deviation: network and descriptors.
struct PartChannels: Sendable {
    let network: NetworkChannels
    var settings: ScoringSettings { network.settings }
    private var workers: Workers { network.workers }

    /// What a part is compared with.
    struct Reference: Sendable {
        let features: FeatureTemplate
        let featureLimit: Float
        let descriptors: DescriptorBank?
    }

    /// - Parameter aligned: the part in the taught frame, mm.
    /// - Returns: a map over its points for each channel that the settings use, but the deviation's; `nil` where there are
    ///   too few points.
    func maps(_ aligned: [SIMD3<Float>], template: Template, reference: Reference, watch: inout StageWatch)
        -> (maps: [Channel: [Float]], sampling: Double)?
    {
        var maps: [Channel: [Float]] = [:]
        var sampling = watch.lap()
        if settings.channels.contains(.reconstruction) || settings.channels.contains(.feature) {
            guard let sample = network.sample(aligned, template: template) else { return nil }
            sampling += watch.lap()
            let compared = network.compare(
                sample, reference: reference.features, featureLimit: reference.featureLimit)
            maps = [.reconstruction: compared.reconstruction, .feature: compared.feature]
                .filter { settings.channels.contains($0.key) }
        }
        if settings.channels.contains(.descriptor), let bank = reference.descriptors {
            guard
                let descriptors = LocalDescriptors(
                    of: aligned, surface: template.surface, grid: bank.grid, settings: settings.descriptor,
                    workers: workers)
            else { return nil }
            maps[.descriptor] = DescriptorChannel.map(
                descriptors, at: aligned, bank: bank, settings: settings.descriptor, workers: workers)
        }
        return (maps, sampling)
    }
}
