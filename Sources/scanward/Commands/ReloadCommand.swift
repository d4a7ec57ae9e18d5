import ArgumentParser
import Foundation
import Journal
import MonitorConfiguration
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

    @Option(
        help: ArgumentHelp(
            "The monitor's configuration file. Default: $SCANWARD_CONFIG, or \(ConfigurationSource.installed) if it is there.",
            valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The monitor's state folder, where the file does not name it.", valueName: "folder"))
    var state: String?

    func validate() throws {
        guard timeout > 0, timeout < 1e6 else {
            throw ValidationError("--timeout: expected seconds above 0, found \(timeout)")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let folder = try stateFolder()
            guard let process = folder.owner else {
                throw Failure(
                    "expected a monitor with the state folder \(folder.path), found none that runs: start it with `scanward "
                        + "run`, or name its folder with --state (the old one, where the file names another since)")
            }
            let answer = try await ask(process, folder)
            if json {
                try printJSON(answer)
            } else {
                for fault in answer.faults { Terminal.output(printable(fault.message)) }
                Terminal.output(printable(answer.message))
            }
            if !answer.isApplied { throw ExitCode(ExitCodes.configuration.rawValue) }
        }
    }

    private func stateFolder() throws -> StateFolder {
        let options: [ConfigurationKey: [String]] = state.map { [.stateFolder: [$0]] } ?? [:]
        let source = ConfigurationSource(file: config, options: options).orInstalled
        let effective = source.read()
        if let path = effective.text(.stateFolder) { return StateFolder(path) }
        // Of a file that cannot be parsed nothing is known; the monitor would refuse it too.
        guard effective.faults.isEmpty || source.file == nil else {
            throw Failure(effective.faults, hasFile: true)
        }
        throw Failure(
            "expected the monitor's state folder, by --config FILE or --state FOLDER; a monitor without one takes `kill -HUP "
                + "PROCESS`")
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
