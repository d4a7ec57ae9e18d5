import ArgumentParser
import Foundation
import VerdictServer

/// What is refused before anything is opened.
extension RunCommand {
    func validate() throws {
        guard [bind, connect, capture].compactMap({ $0 }).count <= 1 else {
            throw ValidationError("expected one of --bind, --connect and --capture, found several")
        }
        guard capture != nil || !playback.isGiven else {
            throw ValidationError(
                "--rate, --topspeed, --loop, --start-offset, --duration, --max-gap and --start-paused go with --capture"
            )
        }
        guard capture != nil || !reading.follow else {
            throw ValidationError("--follow goes with --capture")
        }
        guard partDeadline > 0, partDeadline < 1e6 else {
            throw ValidationError("--part-deadline: expected seconds above 0, found \(partDeadline)")
        }
        for (name, value) in [("max-open-parts", maxOpenParts), ("max-frames", maxFrames), ("max-points", maxPoints)] {
            guard value > 0 else { throw ValidationError("--\(name): expected 1 or more, found \(value)") }
        }
        guard state != nil || http == nil else { throw ValidationError("--http goes with --state") }
        if let http {
            guard let server = Self.server(http) else {
                throw ValidationError("--http: expected HOST:PORT such as 127.0.0.1:8080, found \"\(http)\"")
            }
            guard server.isLocal || access.allowInsecure else {
                throw ValidationError(
                    "--http: \(http) can be reached by other machines, without encryption and without asking who they are: "
                        + "use 127.0.0.1:\(server.port), or add --allow-insecure on a network that you trust")
            }
        }
        guard state != nil || replay == nil else { throw ValidationError("--replay goes with --state") }
        guard keepDays > 0, keepDays < 36_500 else {
            throw ValidationError("--keep-days: expected days above 0, found \(keepDays)")
        }
        guard keepSize > 0, keepSize < 1 << 30 else {
            throw ValidationError("--keep-size: expected MiB above 0, found \(keepSize)")
        }
        guard (threads ?? 1) > 0 else { throw ValidationError("--threads: expected 1 or more") }
        guard (untilParts ?? 1) > 0 else { throw ValidationError("--until-parts: expected 1 or more") }
        for (name, value) in [("line", line), ("station", station)] {
            guard !value.isEmpty, value.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
            else { throw ValidationError("--\(name): expected letters, digits, '.', '_' and '-', found \"\(value)\"") }
        }
    }

    /// `HOST:PORT`, or nil.
    static func server(_ text: String) -> VerdictServer.Configuration? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port), colon > text.startIndex
        else { return nil }
        return VerdictServer.Configuration(
            host: String(text[..<colon]).trimmingCharacters(in: ["[", "]"]), port: port)
    }
}
