import ArgumentParser
import Ingest

/// A refusal that ends a command: one sentence for people, one exit code for programs.
struct Failure: Error, CustomStringConvertible {
    var description: String
    var exitCode: ExitCodes = .failure

    init(_ description: String, _ exitCode: ExitCodes = .failure) {
        self.description = description
        self.exitCode = exitCode
    }
}

extension Failure {
    init(_ error: CaptureError) {
        self.init(error.message, error.code == .noFrames ? .noFrames : .failure)
    }
}

/// What the exit codes mean (docs/commands.md).
enum ExitCodes: Int32 {
    case failure = 1
    /// `score`: everything went well, and at least one part is not `ok`.
    case partsNotOK = 2
    /// A capture without frames, or with none that can be read.
    case noFrames = 3
    /// A capture whose end is cut off; what was whole was read.
    case truncated = 4
    /// A journal that is not as it was written.
    case damagedJournal = 5
    /// `doctor`: something is to be done.
    case toLookAt = 6
    /// A configuration with faults (EX_CONFIG of sysexits.h).
    case configuration = 78
}

/// Runs a command's body; a `Failure` is printed as `scanward: sentence`, and becomes the exit code.
func reportingFailures(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let failure as Failure {
        Terminal.error("scanward: \(failure.description)")
        throw ExitCode(failure.exitCode.rawValue)
    }
}
