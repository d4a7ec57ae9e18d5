import Foundation
import Threads

/// Debian's nats-server with JetStream, on a port of its own that it keeps over restarts.
package final class NATSServer: @unchecked Sendable {
    package static let path = "/usr/sbin/nats-server"
    package static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }
    package static let need = "needs Debian's nats-server"

    package let port: Int
    package let url: String
    private let folder: ScratchFolder
    private let options: [String]
    private let prefix: [String]
    private var process: Program

    /// - Parameters:
    ///   - configuration: lines of a configuration file, beside address and store.
    ///   - scheme: of `url`.
    ///   - address: where it listens.
    ///   - prefix: a command that starts it in its turn, in another network namespace for instance.
    package init(
        configuration: String = "", scheme: String = "nats", address: String = "127.0.0.1",
        startedBy prefix: [String] = []
    ) async throws {
        self.prefix = prefix
        folder = try ScratchFolder("nats")
        let file = folder.file("nats.conf")
        // A store on a disk that others write to is slow to begin; what is tested here is not the disk.
        try configuration.write(toFile: file, atomically: true, encoding: .utf8)
        options = ["-a", address, "-js", "-sd", folder.file("store"), "-c", file]
        process = try Self.start(options, port: -1, prefix)
        guard let port = await Self.port(of: process) else {
            throw NotStarted(description: process.errorLines.joined(separator: "\n"))
        }
        self.port = port
        url = "\(scheme)://\(address):\(port)"
    }

    deinit { process.signal(SIGKILL) }

    private static func start(_ options: [String], port: Int, _ prefix: [String]) throws -> Program {
        try Program(options + ["-p", "\(port)"], startedBy: prefix, binary: URL(filePath: path))
    }

    /// Once it takes connections.
    private static func port(of process: Program) async -> Int? {
        let line = await process.errorLine { $0.contains("Listening for client connections on ") }
        guard await process.errorLine(where: { $0.contains("Server is ready") }) != nil else { return nil }
        return line.flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
    }

    /// Ends it as a machine would that loses power, but for what its kernel still writes.
    package func kill() async {
        process.signal(SIGKILL)
        _ = await process.finish()
    }

    /// Starts it anew at the same port, with what it had stored.
    ///
    /// - Parameter configuration: another one from now on; nil for the same.
    package func start(configuration: String? = nil) async throws {
        try configuration?.write(toFile: folder.file("nats.conf"), atomically: true, encoding: .utf8)
        process = try Self.start(options, port: port, prefix)
        guard await Self.port(of: process) != nil else {
            throw NotStarted(description: process.errorLines.joined(separator: "\n"))
        }
    }

    /// Has it stand still, as behind a cut link, and go on.
    package func pause() { process.signal(SIGSTOP) }
    package func goOn() { process.signal(SIGCONT) }

    package struct NotStarted: Error, CustomStringConvertible { package let description: String }
}

/// Runs what blocks on a thread of its own: the tests' tasks share few.
package func offPool<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        _ = JoinableThread(name: "test") { continuation.resume(with: Swift.Result { try body() }) }
    }
}
