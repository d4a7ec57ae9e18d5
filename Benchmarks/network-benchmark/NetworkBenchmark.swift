import BenchmarkArguments
import IMRNet

/// `network-benchmark [--size base] [--threads 1] [--repetitions 9] [--json]`: GFLOP, time and share of the one-thread
/// sgemm peak of each stage; without size and threads, of both sizes on one and on two threads.
///
/// `network-benchmark serve --size base --threads 1 --write FILE`: writes weights and input to FILE and then answers
/// operations' names on standard input with their seconds: for compare_network.py.
@main
enum NetworkBenchmark {
    static func main() {
        reportingRefusals(as: "network-benchmark") {
            let request = try Request(Array(CommandLine.arguments.dropFirst()))
            if request.serves {
                try Server(request).run()
            } else {
                try Report(request).run()
            }
        }
    }
}

/// What the command line asks for.
struct Request {
    var serves = false
    /// nil: both.
    var size: NetworkSize?
    /// nil: one and two.
    var threads: Int?
    var repetitions = 9
    var json = false
    /// Where `serve` puts weights and input.
    var output: String?

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "serve": serves = true
            case "--json": json = true
            case "--write": output = rest.popFirst()
            case "--threads": threads = try positive(rest.popFirst(), after: argument)
            case "--repetitions": repetitions = try positive(rest.popFirst(), after: argument)
            case "--size":
                let name = rest.popFirst() ?? "nothing"
                guard let known = NetworkSize(rawValue: name) else {
                    throw Refusal(message: "expected small or base after --size, found \(name)")
                }
                size = known
            default:
                throw Refusal(
                    message: "expected [serve] [--size S] [--threads N] [--repetitions N] [--json] [--write FILE], "
                        + "found \(argument)")
            }
        }
        guard !serves || (size != nil && threads != nil && output != nil) else {
            throw Refusal(message: "serve needs --size, --threads and --write FILE")
        }
    }
}
