import IMRNet

extension PartModel {
    /// Bytes that are as they were written may still make no model: every number that scoring relies on is looked at once,
    /// here, rather than at the first part.
    func validate() throws(PartModelError) {
        let spreads = calibration.statistics.values
        try require("a threshold above 0", Float(calibration.threshold.value).isUsable)
        try require(
            "one or more channels, each once",
            !settings.channels.isEmpty && Set(settings.channels).count == settings.channels.count)
        try require(
            "a limit above 0 for each channel",
            settings.channels.allSatisfy { (calibration.channelLimits[$0] ?? 0).isUsable })
        try require(
            "statistics of each channel and of the deviation",
            (settings.channels + [.deviation]).allSatisfy { calibration.statistics[$0] != nil })
        try require(
            "descriptors of 1 to 8 sizes of 2 to 512 neighbours",
            (1...8).contains(settings.descriptor.sizes.count)
                && (settings.descriptor.sizes + [settings.descriptor.averaged, settings.descriptor.normalNeighbors])
                    .allSatisfy { (2...512).contains($0) }
                && (settings.descriptor.nearest.map { (1...4096).contains($0) } ?? true)
                && (1...65536).contains(settings.descriptor.centers))
        try require("deviations above 0 at each anchor", spreads.allSatisfy { $0.deviations.allSatisfy(\.isUsable) })
        try require(
            "a gap unit, spacing and radius above 0",
            calibration.gaps.unit.isUsable && template.surface.spacing.isUsable && template.radius.isUsable)
        try require(
            "a fusion order of 1 to 16 and a top share of up to 1",
            (1...16).contains(calibration.fusion.order) && calibration.fusion.topShare > 0
                && calibration.fusion.topShare <= 1)
        try require(
            "a map averaged over 1 to \(PreparedPart.neighborCount) points",
            (1...PreparedPart.neighborCount).contains(calibration.fusion.smoothedPoints))
        try require("a feature limit of 0 or more", calibration.featureLimit >= 0)
        try require(
            "shares of 0 to 1 in the gate",
            (0...1).contains(calibration.gate.minimumFitness) && (0...1).contains(calibration.gate.minimumCoverage))
        try require(
            "\(network.configuration.patchPoints) points in a patch",
            settings.patchSize == network.configuration.patchPoints)
        try require(
            "\(settings.patchSize) to 1,048,576 sampled points",
            (settings.patchSize...1 << 20).contains(settings.sampledPoints))
        try require("2 to 4,096 patches", (2...4096).contains(settings.patchCount))
        try require("1 to 16 iterations", (1...16).contains(settings.iterations))
        try require("a mask ratio between 0 and 1", settings.maskRatio > 0 && settings.maskRatio < 1)
        try require("scores averaged over 1 to 64 patches", (1...64).contains(settings.smoothedPatches))
        try require("3 to 64 neighbours in geometry-aware sampling", (3...64).contains(settings.sampling.neighborCount))
        try require(
            "a salient share between 0 and 1, a least distance of 0 or more, and a radius above 0, if any",
            settings.sampling.salientShare > 0 && settings.sampling.salientShare < 1
                && settings.sampling.leastDistance >= 0 && settings.sampling.leastDistance.isFinite
                && settings.sampling.radius.map(\.isUsable) ?? true)
        try require(
            "\(network.featureWidth) features at each centre of the template",
            !template.featureCenters.isEmpty
                && template.features.count == template.featureCenters.count * network.featureWidth)
    }

    private func require(_ expected: String, _ holds: Bool) throws(PartModelError) {
        guard holds else {
            throw PartModelError(description: "expected \(expected), found another value: teach the part type again")
        }
    }
}

extension Float {
    /// Finite and above 0.
    fileprivate var isUsable: Bool { isFinite && self > 0 }
}
