import Foundation
import IMRNet
import ParallelLoops
import PointClouds

/// The paper's two channels: how far a part is from its own reconstruction, in points (A_p) and in features (A_f).
struct NetworkChannels: Sendable {
    let network: ReconstructionNetwork
    let settings: ScoringSettings
    let workers: Workers

    /// A part's points that the network looks at.
    struct Sample: Sendable {
        /// All of the part's points in the unit ball, and which of them were taken.
        let normalized: [SIMD3<Float>]
        let index: NeighborIndex
        let patches: Patches
    }

    /// T_f of eq. 19, [G, F], and the centres it belongs to.
    struct TemplateFeatures: Sendable {
        let features: [Float]
        let centers: [SIMD3<Float>]
    }

    struct Comparison: Sendable {
        /// A_p and A_f at each of the part's points, on the settings' scale, averaged over neighbouring patches. Shape [N].
        var reconstruction: [Float]
        var feature: [Float]
    }

    /// Normalises with the template's centre and radius, thins to the sampled number of points, and cuts patches around
    /// centres (by default from geometry-aware sampling, eq. 1 to 6).
    ///
    /// - Parameter aligned: the part in the taught frame, mm.
    /// - Returns: `nil` where there are fewer points than a patch has.
    func sample(_ aligned: [SIMD3<Float>], template: Template) -> Sample? {
        let normalized = template.normalized(aligned)
        var index = NeighborIndex(thinned(normalized), workers: workers)
        if index.points.count > settings.sampledPoints {
            let chosen = FarthestPointSampling.sample(index, count: settings.sampledPoints)
            index = NeighborIndex(chosen.sorted().map { index.points[Int($0)] }, workers: workers)
        }
        guard index.points.count >= max(settings.patchSize, settings.sampling.neighborCount) else { return nil }
        let centers = settings.centers.sample(
            index, count: settings.patchCount, options: settings.sampling, seed: settings.seed, workers: workers)
        return Sample(
            normalized: normalized, index: index,
            patches: Patches(cloud: index, centers: centers, size: settings.patchSize, workers: workers))
    }

    /// T_f of a template, made ready for comparing: once for a model, not for each part.
    func reference(_ template: Template) -> FeatureTemplate {
        FeatureTemplate(features: template.features, centers: template.featureCenters, width: network.featureWidth)
    }

    /// Reconstructs a sampled part (Algorithm 1) and compares (eq. 13 to 19).
    func compare(_ sample: Sample, reference: FeatureTemplate, featureLimit: Float) -> Comparison {
        let schedule = MaskSchedule(
            strategy: settings.masks, ratio: Float(settings.maskRatio), iterations: settings.iterations)
        let result = IterativeReconstruction(network, schedule: schedule).reconstruct(
            sample.patches, seed: settings.seed, workers: workers)
        let centers = sample.patches.centers
        let input = network.features(tokens: result.inputTokens, centers: centers, workers: workers)
        let output = network.features(tokens: result.tokens, centers: centers, workers: workers)
        let regularized = reference.regularized(output, centers: centers, limit: featureLimit, workers: workers)
        let interpolation = InverseDistance(from: sample.index, to: sample.normalized, workers: workers)
        func map(_ patchScores: [Float]) -> [Float] {
            interpolation.map(
                PatchScores(smoothed(scaled(patchScores), centers: centers)).pointMap(
                    sample.patches, points: sample.index.points, workers: workers))
        }
        return Comparison(
            reconstruction: map(PatchComparison.chamfer(sample.patches, result.patches, workers: workers)),
            feature: map(PatchComparison.featureDistances(input, regularized, width: network.featureWidth)))
    }

    private func scaled(_ patchScores: [Float]) -> [Float] {
        switch settings.scale {
        case .logarithmic: patchScores.map { log(max($0, .leastNormalMagnitude)) }
        case .raw: patchScores
        }
    }

    /// Averages over the patches nearest by centre.
    private func smoothed(_ patchScores: [Float], centers: [SIMD3<Float>]) -> [Float] {
        guard settings.smoothedPatches > 1 else { return patchScores }
        let nearby = NeighborIndex(centers).nearestOfAll(min(settings.smoothedPatches, centers.count), workers: workers)
        return (0..<nearby.count).map { patch in
            nearby.neighbors(of: patch).reduce(Float(0)) { $0 + patchScores[Int($1)] } / Float(nearby.size)
        }
    }

    /// Features of a good part in the taught frame.
    func templateFeatures(_ aligned: [SIMD3<Float>], template: Template) -> TemplateFeatures? {
        guard let patches = sample(aligned, template: template)?.patches else { return nil }
        return TemplateFeatures(
            features: network.features(patches: patches.coordinates, centers: patches.centers, workers: workers),
            centers: patches.centers)
    }

    /// tau2: the 99th percentile of the distances from good parts' features to their match in the template.
    func featureLimit(_ others: [TemplateFeatures], template: Template) -> Float {
        let reference = reference(template)
        let distances = others.flatMap { part in
            reference.matches(part.features, centers: part.centers, workers: workers).map(\.distance)
        }.sorted()
        guard !distances.isEmpty else { return .greatestFiniteMagnitude }
        return distances[min(distances.count - 1, distances.count * 99 / 100)]
    }

    /// Very large clouds are thinned on a grid first: farthest-point sampling of millions of points would take seconds,
    /// and choose nearly the same ones.
    private func thinned(_ points: [SIMD3<Float>]) -> [SIMD3<Float>] {
        let enough = 8 * settings.sampledPoints
        guard points.count > enough else { return points }
        // A surface in the unit ball has an area of about 4 pi at most: this edge leaves about `enough` / 2 cells, and
        // fewer on a slender part, which gets finer ones.
        var edge = (8 * Float.pi / Float(enough)).squareRoot()
        for _ in 0..<8 {
            let kept = VoxelSampling.representatives(points, size: edge)
            if kept.count >= 2 * settings.sampledPoints { return kept.sorted().map { points[Int($0)] } }
            edge /= 2
        }
        return points
    }
}

extension Template {
    func with(_ features: NetworkChannels.TemplateFeatures) -> Template {
        var template = self
        (template.features, template.featureCenters) = (features.features, features.centers)
        return template
    }
}
