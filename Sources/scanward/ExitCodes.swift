import ArgumentParser
import Ingest
import Inspection
import Journal
import MonitorConfiguration
import Publishing
import ZeroMQ

/// How a command ends, for programs. The one rule for all of them: what it was asked came out well (0), what it looked at is
/// not well (2, 5, 6, 78 of `config check`), or it could not do what it was asked, and why.
///
/// docs/commands.md and the manual pages have the same table.
enum ExitCodes: Int32, CaseIterable {
    case success = 0
    case failure = 1
    case partsNotOK = 2
    case noFrames = 3
    case truncated = 4
    case damagedJournal = 5
    case toLookAt = 6
    /// EX_USAGE of sysexits.h, which swift-argument-parser ends with too.
    case usage = 64
    /// EX_CONFIG of sysexits.h.
    case configuration = 78
    /// As a shell tells of a program that SIGINT ended: 128 and the signal's number.
    case interrupted = 130

    /// For people, as the documentation says it.
    var meaning: String {
        switch self {
        case .success: "as asked"
        case .failure: "failed; a sentence on standard error says what was expected, what was found, and what to do"
        case .partsNotOK: "`score`: at least one part is not ok"
        case .noFrames: "a capture, or a tap, without a frame that can be read; the sentence names what it saw"
        case .truncated: "a capture that is cut off at its end, or one file of a folder; what was whole was read"
        case .damagedJournal: "a journal that is not as it was written"
        case .toLookAt: "`doctor`, `fleet status`: there is something to do"
        case .usage: "wrong arguments: an option that does not exist, has another value, or does not go with the others"
        case .configuration:
            "a configuration with faults in the file or the environment, or any that `config check` finds; one that a monitor "
                + "refused on `reload`"
        case .interrupted: "a second Ctrl-C while something ran that had a best so far"
        }
    }

    /// What an error ends a command with.
    init(_ error: any Error) {
        self =
            switch error {
            case let failure as Failure: failure.exitCode
            case let error as CaptureError: error.code == .noFrames ? .noFrames : .failure
            case let error as JournalError: error.code == .damaged ? .damagedJournal : .failure
            default: .failure
            }
    }

    /// What a configuration that cannot be used ends a command with: a wrong call where it was options alone, also by what
    /// they leave out where there is no file.
    init(_ faults: [ConfigurationFault], hasFile: Bool) {
        let isOfTheCall = faults.allSatisfy { fault in
            switch fault.origin {
            case .option: true
            case .standard: !hasFile
            case .environment, .file: false
            }
        }
        self = isOfTheCall ? .usage : .configuration
    }

    /// What verdicts end a command with.
    init(_ evaluations: some Sequence<Evaluation>) {
        self = evaluations.allSatisfy { $0 == .ok } ? .success : .partsNotOK
    }

    /// Ends the command, where that is not well.
    func end() throws {
        guard self != .success else { return }
        throw ExitCode(rawValue)
    }
}

/// Runs a command's body; what it throws is printed as `scanward: sentence`, and becomes the exit code.
func reportingFailures(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let code as ExitCode {
        throw code
    } catch let usage as ValidationError {
        // With the usage of the command.
        throw usage
    } catch {
        Terminal.error("scanward: \(Failure.sentence(of: error))")
        try ExitCodes(error).end()
    }
}
