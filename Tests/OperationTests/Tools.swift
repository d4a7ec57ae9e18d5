import Foundation
import FrameProtocol
import PointCloudFiles
import TestPrograms
import Threads
import ZeroMQ

/// Programs beside our own: Debian's Python, compilers, and what comes with systemd.
enum Tools {
    static let python = URL(filePath: "/usr/bin/python3")
    static let need = "needs the packages of tools/test-packages.txt: make test-packages"

    /// Runs a program to its end.
    ///
    /// - Parameter input: what its standard input reads.
    static func run(_ command: [String], input: String = "") async throws -> Program.Output {
        let folder = try ScratchFolder("input")
        try Data(input.utf8).write(to: URL(filePath: folder.file("in")))
        return try await Program(
            ["-c", "exec \"$@\" <\"$0\"", folder.file("in")] + command, binary: URL(filePath: "/bin/sh")
        ).finish()
    }

    /// What a schema says to lines of JSON.
    static func validate(_ lines: [String], by schema: String, options: [String] = []) async throws -> Program.Output {
        try await run(
            [
                python.path, Program.repository.appending(path: "tools/validate.py").path,
                Program.repository.appending(path: "docs/schema/\(schema).schema.json").path,
            ] + options, input: lines.map { $0 + "\n" }.joined())
    }

    /// Whether Debian's Python has a module.
    static func hasModule(_ name: String) async -> Bool {
        (try? await run([python.path, "-c", "import \(name)"]).status) == 0
    }

    /// Whether there are compilers, the libraries' headers, and pyzmq for `python`.
    static func canPublish() async -> Bool {
        let probe = "echo '#include <zmq.hpp>' | g++ -fsyntax-only -x c++ - && gcc --version"
        guard await hasModule("zmq") else { return false }
        return (try? await run(["/bin/sh", "-c", probe]).status) == 0
    }

    /// Whether systemd can judge units.
    static func canAnalyze() async -> Bool {
        (try? await run(["/usr/bin/env", "systemd-analyze", "--version"]).status) == 0
    }

    static let sandboxNeed = "needs bubblewrap, python3-seccomp, systemd, and the right to make namespaces"

    /// Whether tools/sandbox.py can do here what it does.
    static func canSandbox() async -> Bool {
        (try? await run(sandbox(writable: []) + ["/bin/true"]).status) == 0
    }

    /// What runs a command under a unit's restrictions.
    ///
    /// - Parameters:
    ///   - kills: a call that the unit forbids ends the command, and does not only fail.
    ///   - writable, visible: folders, beside the repository and the built programs, which can be read.
    static func sandbox(
        _ unit: String = "scanward.service", kills: Bool = false, writable: [String], visible: [String] = []
    ) -> [String] {
        let folders = visible + [Program.repository.path, Program.binary.deletingLastPathComponent().path]
        var command = [python.path]
        for path in ["tools/sandbox.py", "systemd/\(unit)"] {
            command.append(Program.repository.appending(path: path).path)
        }
        for folder in folders { command += ["--visible", folder] }
        for folder in writable { command += ["--writable", folder] }
        if kills { command.append("--kill") }
        return command + ["--"]
    }

    static let packageNeed = "needs dpkg-dev, chrpath, lintian, and the right to mount an overlay"

    /// Whether packages can be made and installed into an overlay.
    static func canPackage() async -> Bool {
        let probe =
            "command -v dpkg-shlibdeps chrpath lintian systemd-analyze && { [ $(id -u) = 0 ] || unshare -rm true; }"
        return (try? await run(["/bin/sh", "-c", probe]).status) == 0
    }

    /// A fixture's points as text, "x y z" on each line.
    static func text(ofPart path: String) throws -> String {
        try PointCloudFile.read([UInt8](Data(contentsOf: URL(filePath: Program.fixture(path))))).points
            .map { "\($0.x) \($0.y) \($0.z)\n" }.joined()
    }
}

/// Takes what comes to a socket, on a thread of its own.
final class Messages: Sendable {
    /// Where it listens, or what it is connected to.
    let endpoint: String
    private let received = Monitor<[[[UInt8]]]>([])
    private let stop = StopSignal()
    private let thread: JoinableThread

    /// - Parameter subscribing: an endpoint to subscribe at; nil listens as PULL.
    init(subscribing: String? = nil) throws {
        let context = try Context()
        let socket = try Socket(subscribing == nil ? .pull : .sub, context: context, options: .frames)
        if let subscribing {
            try socket.subscribe("")
            try socket.connect(subscribing)
            endpoint = subscribing
        } else {
            endpoint = try socket.bind("tcp://127.0.0.1:0", allowInsecure: false)
        }
        let (received, stop) = (received, stop)
        thread = JoinableThread(name: "messages", owning: socket) { socket in
            while let message = try? socket.receive(deadline: nil, unless: stop) {
                received.withLock { $0.append(message) }
            }
            socket.close()
            context.terminate()
        }
    }

    deinit { stop.raise() }

    /// Part `index` of each message, as text.
    func texts(part index: Int) -> [String] {
        received.withLock { $0 }.map { String(decoding: $0[index], as: UTF8.self) }
    }

    /// Waits, off the pool, until so many messages came.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            _ = JoinableThread(name: "wait") { [received] in
                _ = received.wait(until: nil) { $0.count >= count ? true : nil }
                continuation.resume()
            }
        }
    }
}
