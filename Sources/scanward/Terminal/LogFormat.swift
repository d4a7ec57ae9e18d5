import ArgumentParser
import Foundation

/// How lines for people on standard error are written while a monitor runs.
enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// As they are.
    case plain
    /// With systemd's priority before each (sd-daemon(3)): `<4>` what went wrong, `<6>` what is told.
    case journald
    /// An object a line: `time` (RFC 3339), `level`, `message`.
    case json

    /// Problems begin with the program's name; everything else only tells.
    private static let problem = "scanward: "

    private struct Line: Encodable {
        let time: String
        let level: String
        let message: String
    }

    func line(_ text: String, at date: Date = Date()) -> String {
        let isProblem = text.hasPrefix(Self.problem)
        let message = isProblem ? String(text.dropFirst(Self.problem.count)) : text
        switch self {
        case .plain: return text
        case .journald: return (isProblem ? "<4>" : "<6>") + message
        case .json:
            let line = Line(
                time: date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
                level: isProblem ? "warning" : "info", message: message)
            // A text always can be.
            return (try? JSONEncoder.line().encode(line)).map { String(decoding: $0, as: UTF8.self) } ?? text
        }
    }
}

struct LogOptions: ParsableArguments {
    @Option(help: "What is told on standard error: plain; journald, with priorities; or json, an object a line.")
    var logFormat = LogFormat.plain
}
