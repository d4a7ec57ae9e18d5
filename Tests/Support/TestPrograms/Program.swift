package import Foundation
import Synchronization

/// The built `scanward`, run as its users run it.
package final class Program: Sendable {
    /// The binary lies beside the test bundle.
    package static let binary: URL = {
        let bundle = Bundle(for: Program.self).bundleURL
        let candidates = [
            bundle.deletingLastPathComponent(), URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(),
        ]
        return candidates.map { $0.appending(path: "scanward") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
            ?? candidates[0].appending(path: "scanward")
    }()

    package static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    package static func fixture(_ path: String) -> String { repository.appending(path: "fixtures/\(path)").path }

    package struct Output: Sendable {
        package var status: Int32
        package var standardOutput: String
        package var standardError: String
    }

    private let process: Process
    private let output: LineCollector
    private let errors: LineCollector

    /// Starts it.
    ///
    /// - Parameters:
    ///   - prefix: a command that starts it in its turn: `["/usr/sbin/ip", "netns", "exec", "NAME"]`.
    ///   - environment: variables beside the test's own.
    package init(
        _ arguments: [String], startedBy prefix: [String] = [], environment: [String: String] = [:],
        binary: URL = Program.binary
    ) throws {
        process = Process()
        if !environment.isEmpty {
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        }
        let command = prefix + [binary.path] + arguments
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = Self.repository
        process.standardInput = FileHandle.nullDevice
        let out = Pipe(), err = Pipe()
        process.standardOutput = out
        process.standardError = err
        output = LineCollector(out.fileHandleForReading)
        errors = LineCollector(err.fileHandleForReading)
        try process.run()
    }

    /// Runs it to its end.
    package static func run(_ arguments: [String]) async throws -> Output {
        try await Program(arguments).finish()
    }

    package func terminate() { process.terminate() }

    /// Whether it has not ended yet.
    package var isRunning: Bool { process.isRunning }

    /// The process's id, for signals and for /proc.
    package var processIdentifier: Int32 { process.processIdentifier }

    /// Sends a signal to it, and to no other process.
    package func signal(_ number: Int32) { if process.isRunning { kill(process.processIdentifier, number) } }

    /// Waits for its end.
    package func finish() async -> Output {
        let standardOutput = await output.text(), standardError = await errors.text()
        process.waitUntilExit()
        return Output(
            status: process.terminationStatus, standardOutput: standardOutput, standardError: standardError)
    }

    /// The first line of standard error (or output) that begins so, without the beginning; nil if it ended before.
    package func line(beginning prefix: String, onOutput: Bool = false) async -> String? {
        await (onOutput ? output : errors).line { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }

    /// The `count`-th line of standard error that `condition` accepts; nil if it ended before.
    package func errorLine(_ count: Int = 1, where condition: @escaping @Sendable (String) -> Bool) async -> String? {
        await errors.line(count, where: condition)
    }

    /// The first `count` lines of standard error that `condition` accepts; nil if it ended before.
    package func errorLines(count: Int, where condition: @escaping @Sendable (String) -> Bool) async -> [String]? {
        guard await errors.line(count, where: condition) != nil else { return nil }
        return errors.linesSoFar.filter(condition)
    }

    /// What standard error holds so far.
    package var errorLines: [String] { errors.linesSoFar }

    /// What standard output holds so far.
    package var outputLines: [String] { output.linesSoFar }

    /// The `count`-th line of standard output that `condition` accepts; nil if it ended before.
    package func outputLine(_ count: Int = 1, where condition: @escaping @Sendable (String) -> Bool) async -> String? {
        await output.line(count, where: condition)
    }
}

/// Collects what a pipe gives, on a thread of its own, and wakes those who wait for a line.
private final class LineCollector: Sendable {
    private struct State {
        var text = ""
        var lines: [String] = []
        var ended = false
        var waiters: [Waiter] = []
        var finishers: [CheckedContinuation<String, Never>] = []
    }

    /// Waits for so many lines that `condition` accepts; each line is looked at once.
    private struct Waiter {
        let condition: @Sendable (String) -> Bool
        var missing: Int
        let continuation: CheckedContinuation<String?, Never>

        mutating func isDone(with line: String) -> Bool {
            guard condition(line) else { return false }
            missing -= 1
            guard missing == 0 else { return false }
            continuation.resume(returning: line)
            return true
        }
    }

    private let state = Mutex(State())

    init(_ handle: FileHandle) {
        let descriptor = handle.fileDescriptor
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 65536)
            var partial: [UInt8] = []
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                partial += buffer[..<count]
                while let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = String(decoding: partial[..<end], as: UTF8.self)
                    partial.removeSubrange(...end)
                    add(line)
                }
            }
            if !partial.isEmpty { add(String(decoding: partial, as: UTF8.self)) }
            end()
            withExtendedLifetime(handle) {}
        }
    }

    private func add(_ line: String) {
        state.withLock { state in
            state.lines.append(line)
            state.text += line + "\n"
            var waiters: [Waiter] = []
            for var waiter in state.waiters where !waiter.isDone(with: line) { waiters.append(waiter) }
            state.waiters = waiters
        }
    }

    private func end() {
        state.withLock { state in
            state.ended = true
            for waiter in state.waiters { waiter.continuation.resume(returning: nil) }
            state.waiters = []
            for finisher in state.finishers { finisher.resume(returning: state.text) }
            state.finishers = []
        }
    }

    var linesSoFar: [String] { state.withLock { $0.lines } }

    /// The `count`-th line that `condition` accepts; nil if it ended before.
    func line(_ count: Int = 1, where condition: @escaping @Sendable (String) -> Bool) async -> String? {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                var waiter = Waiter(condition: condition, missing: count, continuation: continuation)
                for line in state.lines where waiter.isDone(with: line) { return }
                if state.ended { continuation.resume(returning: nil) } else { state.waiters.append(waiter) }
            }
        }
    }

    func text() async -> String {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if state.ended {
                    continuation.resume(returning: state.text)
                } else {
                    state.finishers.append(continuation)
                }
            }
        }
    }
}
