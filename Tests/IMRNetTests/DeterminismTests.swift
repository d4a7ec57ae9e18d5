import IMRNet
import NeuralNetwork
import ParallelLoops
import Testing

/// The same bits on any number of threads.
struct DeterminismTests {
    @Test func inference() throws {
        let network = try Filling.network(.small), sample = Filling.samples(batch: 1, patches: 100)[0]
        func outputs(_ workers: Workers) -> [[Float]] {
            [
                network.predict(
                    patches: sample.coordinates, centers: sample.centers, visible: sample.visible,
                    masked: sample.masked, workers: workers),
                network.features(patches: sample.coordinates, centers: sample.centers, workers: workers),
            ]
        }
        #expect(outputs(.one) == outputs(Workers(count: 2)))
        #expect(outputs(.one) == outputs(Workers(count: 5)))
    }

    @Test func training() {
        let samples = (0..<3).map {
            TrainingSample(sheetPatches(count: 70, size: 16, seed: $0).patches, masked: Array(0..<28))
        }
        func trained(_ workers: Workers) -> SafeTensors {
            var options = NetworkTrainer.Options()
            options.dropPath = 0.2
            let network = ReconstructionNetwork(tinyConfiguration, seed: 3)
            let trainer = NetworkTrainer(network, options: options, workers: workers)
            for _ in 0..<4 { _ = trainer.step(samples, rate: 1e-3) }
            return trainer.checkpoint
        }
        let single = trained(.one)
        #expect(single == trained(Workers(count: 2)))
        #expect(single == trained(Workers(count: 3)))
    }
}
