import IMRNet
import ParallelLoops
import PointClouds
import SeededRandom
import Testing

@Suite struct CenterSamplingTests {
    /// A plane with a dense corner.
    private let index: NeighborIndex = {
        var generator = SplitMix64(seed: 4)
        let points = (0..<3000).map { i -> SIMD3<Float> in
            let edge: Float = i < 2000 ? 0.2 : 1
            return SIMD3(generator.uniform() * edge, generator.uniform() * edge, 0.01 * generator.normal())
        }
        return NeighborIndex(points)
    }()

    private func sample(_ sampling: CenterSampling, _ count: Int = 200, seed: UInt64 = 1) -> [Int32] {
        sampling.sample(index, count: count, options: .init(), seed: seed, workers: .one)
    }

    @Test(arguments: CenterSampling.allCases) func `As many as asked for, all different, the same again`(
        _ sampling: CenterSampling
    ) {
        let chosen = sample(sampling)
        #expect(chosen.count == 200 && Set(chosen).count == 200 && chosen.allSatisfy { (0..<3000).contains($0) })
        #expect(sample(sampling) == chosen)
        #expect(sample(sampling, 5000).count == 3000)
    }

    @Test func `Random follows the points, a grid and farthest points follow the surface`() {
        func inCorner(_ sampling: CenterSampling) -> Int {
            sample(sampling).count { index.points[Int($0)].x < 0.2 && index.points[Int($0)].y < 0.2 }
        }
        // Two thirds of the points lie on a 25th of the surface.
        #expect((110...160).contains(inCorner(.random)))
        #expect(inCorner(.voxel) < 40 && inCorner(.farthestPoint) < 40)
        #expect(sample(.random, seed: 2) != sample(.random) && sample(.voxel, seed: 2) != sample(.voxel))
    }

    @Test func `A network for other patches predicts the first of its points, or begins with some twice`() throws {
        let network = ReconstructionNetwork(NetworkConfiguration(.small), seed: 3)
        let head = try #require(network.tensors.tensors["head.weight"])
        let width = head.shape[1]
        let small = try network.withPatchPoints(32), large = try network.withPatchPoints(100)
        #expect(small.configuration.patchPoints == 32 && large.configuration.patchPoints == 100)
        #expect(small.tensors.tensors["head.weight"]?.values == Array(head.values[..<(96 * width)]))
        let grown = try #require(large.tensors.tensors["head.weight"])
        #expect(grown.shape == [300, width] && Array(grown.values[..<head.values.count]) == head.values)
        #expect(abs(grown.values[192 * width] - 1.05 * head.values[0]) < 1e-6)
        #expect(
            small.tensors.tensors.filter { !$0.key.hasPrefix("head") }
                == network.tensors.tensors.filter { !$0.key.hasPrefix("head") })
        #expect(try network.withPatchPoints(64) === network)
    }
}
