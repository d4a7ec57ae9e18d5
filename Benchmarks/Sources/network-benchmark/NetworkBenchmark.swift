import Foundation
import IMRNet
import PointClouds

/// `network-benchmark [--size base] [--threads 1] [--repetitions 9] [--json]`: GFLOP, time and share of the one-thread
/// sgemm peak of each stage; without size and threads, of both sizes on one and on two threads.
///
/// `network-benchmark serve --size base --threads 1 --write FILE`: writes weights and input to FILE and then answers
/// operations' names on standard input with their seconds: for compare_network.py.
@main
enum NetworkBenchmark {
    static func main() {
        WorkingMemory.keepForReuse()
        do {
            let request = try Request(Array(CommandLine.arguments.dropFirst()))
            if request.serves {
                try Server(request).run()
            } else {
                try Report(request).run()
            }
        } catch {
            FileHandle.standardError.write(Data("network-benchmark: \(error)\n".utf8))
            exit(error is Refusal ? 2 : 1)
        }
    }
}

/// Why a command line was refused.
struct Refusal: Error, CustomStringConvertible {
    var message: String
    var description: String { message }
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
            case "--threads": threads = try Self.number(rest.popFirst(), after: argument)
            case "--repetitions": repetitions = try Self.number(rest.popFirst(), after: argument)
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

    private static func number(_ text: String?, after option: String) throws -> Int {
        guard let text, let value = Int(text), value > 0 else {
            throw Refusal(message: "expected a number above 0 after \(option), found \(text ?? "nothing")")
        }
        return value
    }
}
