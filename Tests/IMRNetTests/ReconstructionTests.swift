import SeededRandom
import IMRNet
import NeuralNetwork
import ParallelLoops
import PointClouds
import Testing

struct ReconstructionTests {
    @Test func coveringMasksReachEveryPatch() {
        let schedule = MaskSchedule()
        for seed in 0..<5 {
            var random = SplitMix64(seed: UInt64(seed))
            let masks = schedule.masks(count: 256, using: &random)
            #expect(masks.map(\.count) == [102, 102, 102])
            #expect(masks.allSatisfy { Set($0).count == 102 && $0 == $0.sorted() })
            #expect(Set(masks.joined()) == Set(0..<256))
        }
    }

    @Test func randomMasksDoNot() {
        let schedule = MaskSchedule(strategy: .random)
        var random = SplitMix64(seed: 1), missed = 0
        for _ in 0..<200 {
            let masks = schedule.masks(count: 256, using: &random)
            #expect(masks.allSatisfy { Set($0).count == 102 })
            missed += 256 - Set(masks.joined()).count
        }
        // (1 - 102 / 256)^3 = 21.8 %.
        #expect(abs(Double(missed) / (200 * 256) - 0.218) < 0.01)
    }

    @Test func fewPatches() {
        var random = SplitMix64(seed: 1)
        #expect(MaskSchedule().masks(count: 2, using: &random).allSatisfy { $0.count == 1 })
        #expect(MaskSchedule(ratio: 1).maskedCount(of: 5) == 4)
        #expect(MaskSchedule.visible(count: 5, masked: [1, 4]) == [0, 2, 3])
    }

    /// Tokens kept over the iterations against everything tokenised anew.
    @Test func iterationsAgainstThePlainAlgorithm() {
        let network = ReconstructionNetwork(tinyConfiguration, seed: 4)
        let patches = sheetPatches(count: 30, size: 16, seed: 5).patches
        let result = IterativeReconstruction(network).reconstruct(patches, seed: 9)
        var coordinates = patches.coordinates
        for (masked, prediction) in zip(result.masks, result.predictions) {
            let predicted = network.predict(
                patches: coordinates, centers: patches.centers,
                visible: MaskSchedule.visible(count: 30, masked: masked), masked: masked)
            #expect(zip(predicted, prediction).allSatisfy { abs($0 - $1) < 1e-6 })
            for (row, patch) in masked.enumerated() {
                coordinates.replaceSubrange(patch * 48..<(patch + 1) * 48, with: predicted[row * 48..<(row + 1) * 48])
            }
        }
        #expect(zip(coordinates, result.patches.coordinates).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(result.patches.centers == patches.centers && result.patches.memberIndices == patches.memberIndices)
        let tokens = network.tokens(patches: result.patches.coordinates)
        #expect(zip(tokens, result.tokens).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(IterativeReconstruction(network).reconstruct(patches, seed: 9).patches == result.patches)
    }

    @Test func patchDistances() {
        let patches = sheetPatches(count: 12, size: 16, seed: 6).patches
        var moved = patches
        for index in 0..<16 { moved.coordinates[3 * index + 2] += 0.5 }
        let distances = PatchComparison.chamfer(patches, moved)
        #expect(distances.dropFirst().allSatisfy { $0 == 0 })
        // Both directions, each at most 0.25; the sheet is nearly flat there.
        #expect(distances[0] > 0.4 && distances[0] <= 0.5001)
        #expect(PatchComparison.featureDistances([0, 0, 1, 1], [3, 4, 1, 1], width: 2) == [5, 0])
    }
}
