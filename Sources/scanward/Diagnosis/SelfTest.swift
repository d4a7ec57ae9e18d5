import Foundation
import FrameProtocol
import Inspection
import Publishing
import Threads
import ZeroMQ

/// A part through the whole line: this program once more as a monitor, in a folder of its own, over sockets that only this
/// machine sees.
enum SelfTest {
    private static let patience = Duration.seconds(90)
    private static let mostPoints = 20_000

    /// - Parameter model: the folder of a sound model, and what was read of it.
    static func run(model: ModelFolder, in folder: URL, unless stop: StopSignal) -> Finding {
        let began = SystemClock().now
        do {
            let verdict = try pass(model, folder, stop)
            let seconds = Double(SystemClock().now - began) / 1e9
            let text = String(
                format: "a part of the taught surface of %@ came through the whole line in %.1f s: %@%@",
                model.manifest.partType,
                seconds, verdict.evaluation.rawValue,
                verdict.score.map { String(format: ", score %.2f of %.2f", $0, verdict.threshold ?? 0) } ?? "")
            guard verdict.evaluation == .ok || verdict.evaluation == .notOK else {
                return .look(
                    "self-test", .selfTest, text + ": " + verdict.reasons.map(\.message).joined(separator: "; "),
                    do: "score a good part with `scanward score`; if that fails too, teach the type again")
            }
            return .ok("self-test", text)
        } catch {
            return .look(
                "self-test", .selfTest, "no verdict came: \((error as? Failure)?.description ?? "\(error)")",
                do: "run it by hand: `scanward run --model \(folder.path)`, and look at what it says")
        }
    }

    private static func pass(_ model: ModelFolder, _ folder: URL, _ stop: StopSignal) throws -> Verdict {
        // ipc paths are limited to 107 bytes.
        let scratch = FileManager.default.temporaryDirectory.appending(
            path: "scanward-doctor-\(UUID().uuidString.prefix(8).lowercased())")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let input = "ipc://\(scratch.path)/in", output = "ipc://\(scratch.path)/out"
        let errors = scratch.appending(path: "errors")
        try Data().write(to: errors)
        let monitor = Process()
        monitor.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        monitor.arguments = [
            "run", "--bind", input, "--publish", output, "--replay", "none", "--http", "none",
            "--state", scratch.path + "/state",
            "--model",
            folder.path, "--line", "doctor", "--station", "self-test", "--json",
        ]
        // Neither a configuration nor a service manager of ours is its.
        monitor.environment = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("SCANWARD_") && !["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"].contains(name)
        }
        monitor.standardInput = FileHandle.nullDevice
        monitor.standardOutput = FileHandle.nullDevice
        monitor.standardError = try FileHandle(forWritingTo: errors)
        try monitor.run()
        defer {
            monitor.terminate()
            monitor.waitUntilExit()
        }
        let deadline = SystemClock().after(patience)
        do {
            return try exchange(model, input, output, deadline, stop)
        } catch {
            let said = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
            let last = said.split(separator: "\n").last { $0.hasPrefix("scanward: ") }
            throw Failure(
                "\((error as? Failure)?.description ?? "\(error)")" + (last.map { "; the monitor said: \($0)" } ?? ""))
        }
    }

    private static func exchange(
        _ model: ModelFolder, _ input: String, _ output: String, _ deadline: UInt64, _ stop: StopSignal
    ) throws -> Verdict {
        let context = try Context()
        let subscriber = try VerdictSubscriber(
            context: context, configuration: VerdictSubscriber.Configuration(endpoint: output))
        defer { subscriber.close() }
        // Its heartbeat says that our subscription is with it: what is published from then on arrives.
        try wait(subscriber, deadline, stop) { if case .heartbeat = $0 { true } else { nil } }
        let socket = try Socket(.push, context: context, options: .frames)
        defer { socket.close() }
        try socket.connect(input)
        let surface = model.model.template.surface.points
        let step = max(1, surface.count / mostPoints)
        let points = stride(from: 0, to: surface.count, by: step).map { surface[$0] }
        let now = SystemClock.unixNanoseconds
        for index in 0..<2 {
            var header = FrameHeader(
                source: "doctor", session: "self-test", seq: UInt64(index), partID: "self-test",
                frameIndex: UInt32(index),
                endOfPart: index == 1, captureNanoseconds: now)
            header.partType = model.manifest.partType
            let half = points.count / 2
            let message = try FrameEncoder().encode(
                header, points: Array(index == 0 ? points[..<half] : points[half...]))
            guard try socket.send(message, deadline: deadline, unless: stop) else {
                throw Failure("the monitor took no frame")
            }
        }
        return try wait(subscriber, deadline, stop) { event in
            guard case .verdict(let received) = event else { return nil }
            return try? JSONDecoder().decode(Verdict.self, from: Data(received.json))
        }
    }

    @discardableResult
    private static func wait<Value>(
        _ subscriber: VerdictSubscriber, _ deadline: UInt64, _ stop: StopSignal, _ accept: (VerdictEvent) -> Value?
    ) throws -> Value {
        while let event = try subscriber.next(deadline: deadline, unless: stop) {
            if let value = accept(event) { return value }
        }
        throw Failure(stop.isRaised ? "stopped" : "no verdict within 90 s")
    }
}
