import ArgumentParser
import Foundation
import Journal
import Threads

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Has a running monitor take up its configuration anew, as a whole or not at all.",
        discussion: """
            Finds the monitor by its state folder, sends it SIGHUP, and waits for its answer. What it takes up is what the
            monitor's own file, options and environment say; the options here say where its state folder is. Exit codes: 0
            taken up, or nothing had changed; 1 no monitor runs there, or it did not answer; 78 refused: all is as it was.
            """)

    @Flag(help: "The monitor's answer as JSON.")
    var json = false

    @Option(help: ArgumentHelp("Wait at most so long for the answer.", valueName: "seconds"))
    var timeout = 60.0

    @OptionGroup var stateOption: StateOption

    func validate() throws {
        guard timeout > 0, timeout < 1e6 else {
            throw ValidationError("--timeout: expected seconds above 0, found \(timeout)")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let folder = try stateOption.folder()
            guard let process = folder.owner else {
                throw Failure(
                    "expected a monitor with the state folder \(folder.path), found none that runs: start it with `scanward "
                        + "run`, or name its folder with --state (the old one, where the file names another since); one "
                        + "without a state folder takes `kill -HUP PROCESS`")
            }
            let answer = try await ask(process, folder)
            if json {
                try printJSON(answer)
            } else {
                for fault in answer.faults { Terminal.output(printable(fault.message)) }
                Terminal.output(printable(answer.message))
            }
            try (answer.isApplied ? ExitCodes.success : .configuration).end()
        }
    }

    private func ask(_ process: Int32, _ folder: StateFolder) async throws -> ReloadAnswers.Answer {
        let answers = ReloadAnswers(folder)
        let request: UInt64
        let watch: FolderWatch
        do {
            // Watched before anything is asked: no answer is missed.
            watch = try FolderWatch(folder.path)
            request = try answers.ask()
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure("the monitor cannot be asked: \(error.localizedDescription)")
        }
        guard kill(process, SIGHUP) == 0 else {
            throw Failure(
                "process \(process) cannot be told to reload: \(String(cString: strerror(errno))); run this as its user"
            )
        }
        let deadline = SystemClock().after(.seconds(timeout))
        while true {
            if let answer = answers.answer, answer.request >= request { return answer }
            guard folder.owner == process else {
                throw Failure("the monitor ended before it had answered; its log says why")
            }
            guard SystemClock().now < deadline else {
                throw Failure(
                    "process \(process) did not answer within \(timeout) s: it may still be reading the models; its log says "
                        + "what came of it")
            }
            watch.wait(milliseconds: 200)
        }
    }
}
