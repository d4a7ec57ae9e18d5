import BenchmarkArguments
import Foundation
import NeuralNetwork
import ParallelLoops

/// Answers the name of an operation on standard input with wall and processor seconds of one run, until the input ends.
struct Server {
    private let workload: Workload

    init(_ request: Request) throws {
        guard let size = request.size, let threads = request.threads, let output = request.output else {
            throw Refusal(message: "serve needs --size, --threads and --write FILE")
        }
        workload = Workload(size, workers: Workers(count: threads))
        try Data(workload.tensors.encoded()).write(to: URL(filePath: output))
    }

    func run() throws {
        let peak = ProductPeak()
        answer("ready \(MatrixProduct.kernels)")
        while let name = readLine() {
            if name == "peak" {
                answer("\(peak.measure() / 1e9)")
                continue
            }
            guard let operation = workload.operations.first(where: { $0.name == name }) else {
                throw Refusal(
                    message: "expected peak or one of \(workload.operations.map(\.name).joined(separator: " ")), "
                        + "found \(name)")
            }
            let timing = Timing.of(operation.body)
            answer("\(timing.wall) \(timing.cpu) \(operation.operations)")
        }
    }

    /// At once, which `print` into a pipe would not do.
    private func answer(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
