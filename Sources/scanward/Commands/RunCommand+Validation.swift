import ArgumentParser
import Foundation

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
        try dashboard.check(hasState: state != nil, allowInsecure: access.allowInsecure)
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
}
