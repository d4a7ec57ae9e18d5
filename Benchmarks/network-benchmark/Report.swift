import Foundation
import IMRNet
import NeuralNetwork
import ParallelLoops

/// The table of all stages, or the same as JSON lines.
struct Report {
    let request: Request

    init(_ request: Request) { self.request = request }

    func run() throws {
        let peak = ProductPeak()
        if !request.json {
            print("OpenBLAS kernels: \(MatrixProduct.kernels)")
            print("size   threads  stage        GFLOP   wall ms    CPU ms  GFLOP/s  of one-thread sgemm peak")
        }
        for size in request.size.map({ [$0] }) ?? NetworkSize.allCases {
            for threads in request.threads.map({ [$0] }) ?? [1, 2] {
                let workload = Workload(size, workers: Workers(count: threads))
                for operation in workload.operations { write(operation, size, threads, peak) }
            }
        }
    }

    /// The peak is measured anew before each repetition, so that both see the same machine.
    private func write(_ operation: Operation, _ size: NetworkSize, _ threads: Int, _ peak: ProductPeak) {
        operation.body()
        var timings: [Timing] = [], peaks: [Double] = []
        for _ in 0..<request.repetitions {
            peaks.append(peak.measure())
            timings.append(Timing.of(operation.body))
        }
        let timing = Timing.median(of: timings), best = peaks.sorted()[peaks.count / 2]
        // On one thread processor time: the machine may be shared.
        let rate = Double(operation.operations) / (threads == 1 ? timing.cpu : timing.wall)
        if request.json {
            print(
                "{\"size\":\"\(size.rawValue)\",\"threads\":\(threads),\"stage\":\"\(operation.name)\","
                    + "\"gflop\":\(Double(operation.operations) / 1e9),\"wall\":\(timing.wall),\"cpu\":\(timing.cpu),"
                    + "\"gflops\":\(rate / 1e9),\"peak\":\(best / 1e9),\"share\":\(rate / best),"
                    + "\"kernels\":\"\(MatrixProduct.kernels)\",\"repetitions\":\(request.repetitions)}")
        } else {
            print(
                String(
                    format: "%@ %7d  %@ %7.3f %9.2f %9.2f %8.1f  %5.1f %%",
                    size.rawValue.padding(toLength: 6, withPad: " ", startingAt: 0), threads,
                    operation.name.padding(toLength: 10, withPad: " ", startingAt: 0),
                    Double(operation.operations) / 1e9, timing.wall * 1e3, timing.cpu * 1e3, rate / 1e9,
                    100 * rate / best))
        }
    }
}
