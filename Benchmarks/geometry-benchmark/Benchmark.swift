import BenchmarkArguments

/// `geometry-benchmark OP FILE [--threads 1] [--reps 5]`: does OP on the cloud in FILE and prints one JSON line with the
/// median CPU and wall seconds of a repetition; reading and printing are outside the timing.
/// FILE holds little-endian float32 x y z triples; for `read_*` operations it is a PCD file.
///
/// `geometry-benchmark all [--reps 5]`: every operation on clouds made by the program itself, as a table.
@main
enum Benchmark {
    static func main() {
        reportingRefusals(as: "geometry-benchmark") {
            let request = try Request(Array(CommandLine.arguments.dropFirst()))
            guard let file = request.file else { return try Suite.run(repetitions: request.repetitions) }
            let input = try Input(file: file, threads: request.threads)
            print(try Measurement.take(request.operation, input, repetitions: request.repetitions).json)
        }
    }
}
