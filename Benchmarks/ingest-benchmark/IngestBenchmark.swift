import BenchmarkArguments

/// `ingest-benchmark capture [--megabytes 500] [--repetitions 5]`: a capture file to decoded frames, in process on one
/// thread, checksums on, for segments as on Ethernet and as on the loopback.
///
/// `ingest-benchmark tcp [--seconds 60] [--rate 100]`: frames of 1 MB from a publisher in another process over tcp; CPU
/// seconds of the receiver, and frames lost.
///
/// `ingest-benchmark publish ENDPOINT RATE SECONDS` is that publisher.
@main
enum IngestBenchmark {
    static func main() {
        reportingRefusals(as: "ingest-benchmark") {
            var rest = CommandLine.arguments.dropFirst()
            let mode = rest.popFirst()
            if mode == "publish" {
                guard rest.count == 3, let endpoint = rest.popFirst(), let rate = Int(rest.popFirst() ?? ""),
                    let seconds = Int(rest.popFirst() ?? "")
                else { throw Refusal(message: "expected publish ENDPOINT RATE SECONDS") }
                return try FramePublisher.run(endpoint: endpoint, rate: rate, seconds: seconds)
            }
            var numbers = ["--megabytes": 500, "--repetitions": 5, "--seconds": 60, "--rate": 100]
            while let option = rest.popFirst() {
                guard numbers[option] != nil else {
                    throw Refusal(message: "expected one of \(numbers.keys.sorted()), found \(option)")
                }
                numbers[option] = try positive(rest.popFirst(), after: option)
            }
            func number(_ option: String) -> Int { numbers[option] ?? 0 }
            switch mode {
            case "capture":
                try CaptureThroughput.run(megabytes: number("--megabytes"), repetitions: number("--repetitions"))
            case "tcp": try FrameReception.run(rate: number("--rate"), seconds: number("--seconds"))
            default: throw Refusal(message: "expected capture, tcp or publish, found \(mode ?? "nothing")")
            }
        }
    }
}
