import Foundation
import Journal
import TestPrograms
import Testing
import Threads

/// `scanward run --state`, at sockets that stay the same from one start to the next.
struct RunningMonitor {
    let folder: ScratchFolder
    let program: Program
    /// From the start of the process to its sockets being open.
    let startSeconds: Double

    static func input(_ folder: ScratchFolder) -> String { "ipc://" + folder.file("in") }
    static func live(_ folder: ScratchFolder) -> String { "ipc://" + folder.file("out") }
    static func replay(_ folder: ScratchFolder) -> String { "ipc://" + folder.file("replay") }
    static func state(_ folder: ScratchFolder) -> String { folder.file("state") }

    var input: String { Self.input(folder) }
    var live: String { Self.live(folder) }
    var replay: String { Self.replay(folder) }
    var stateFolder: StateFolder { StateFolder(Self.state(folder)) }

    /// Starts it, and waits until it takes frames.
    static func start(
        in folder: ScratchFolder, models: String, state: String? = nil, arguments: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> RunningMonitor {
        let began = SystemClock().now
        let program = try launch(
            in: folder, models: models, state: state, arguments: arguments, environment: environment)
        guard await program.line(beginning: "scored by ") != nil else {
            throw DidNotStart(description: await program.finish().standardError)
        }
        return RunningMonitor(
            folder: folder, program: program, startSeconds: Double(SystemClock().now - began) / 1e9)
    }

    /// Starts it, and waits for nothing.
    static func launch(
        in folder: ScratchFolder, models: String, state: String? = nil, arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> Program {
        try Program(
            [
                "run", "--bind", input(folder), "--publish", live(folder), "--replay", replay(folder), "--state",
                state ?? Self.state(folder), "--model", models, "--json", "--part-deadline", "2",
                // At most one of them could have the default one.
                "--http", "none",
            ] + arguments, environment: environment)
    }

    /// Waits until so many verdicts are in the journal.
    func waitForStored(_ count: Int, seconds: Int = 120) -> Bool {
        let deadline = SystemClock().after(.seconds(seconds))
        while (try? JournalReader(opening: stateFolder.database).extent().head) ?? 0 < count {
            guard SystemClock().wait(until: SystemClock().after(.milliseconds(20)), unless: StopSignal()),
                SystemClock().now < deadline
            else { return false }
        }
        return true
    }

    struct DidNotStart: Error, CustomStringConvertible { let description: String }

    /// Resident memory in bytes, and open descriptors.
    var resources: (memory: Int, descriptors: Int) {
        let process = "/proc/\(program.processIdentifier)"
        let status = (try? String(contentsOfFile: process + "/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        let kilobytes = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: process + "/fd").count) ?? 0
        return (kilobytes * 1024, descriptors)
    }
}

/// Faults of the journal and of those who read it, one after the other: each wants the machine for itself.
@Suite(.serialized, Faults.timeLimit) struct JournalFaults {}

/// Frames of small parts at a steady rate, on a thread of their own, until it is stopped.
final class PartLoad: Sendable {
    private let pauseSignal = StopSignal(), stopSignal = StopSignal()
    private let sent = Monitor((count: 0, isPaused: false))
    private let thread: JoinableThread

    /// - Parameters:
    ///   - rate: parts a second.
    ///   - frames: of each part.
    ///   - held: so many parts later the last frame of a part follows; until then it is open.
    init(
        to endpoint: String, rate: Double, frames: UInt32 = 2, held: Int = 0, source: String = "scanner-t",
        session: String = "s1",
        type: @escaping @Sendable (Int) -> String = { _ in "unheard-of" },
        points: @escaping @Sendable (Int) -> [SIMD3<Float>]? = { _ in nil }, user: String? = nil
    ) {
        let pause = pauseSignal, stop = stopSignal, sent = sent
        thread = JoinableThread(name: "load") {
            guard let sender = try? FrameSender(to: endpoint, source: source, session: session, user: user) else {
                return
            }
            var next = SystemClock().now
            var number = 0
            while !pause.isRaised {
                for frame in 0..<frames {
                    let isLast = frame == frames - 1
                    let part = isLast ? number - held : number
                    guard part >= 0 else { continue }
                    _ = try? sender.send(
                        part: "part-\(part)", frame: frame, end: isLast, type: type(part), points: points(part),
                        unless: stop)
                }
                number += 1
                let count = number
                sent.withLock { $0.count = count }
                next += UInt64(1e9 / rate)
                // A load that was held back does not make up for it.
                next = max(next, SystemClock().now)
                _ = SystemClock().wait(until: next, unless: pause)
            }
            sent.withLock { $0.isPaused = true }
            // What its socket holds, as the monitor holds it back, would go with it.
            _ = stop.wait(until: nil)
            sender.close()
        }
    }

    /// Parts sent so far.
    var count: Int { sent.withLock { $0.count } }

    /// Sends nothing more, and returns once all that it began is with its socket.
    func pause() {
        pauseSignal.raise()
        _ = sent.wait(until: nil) { $0.isPaused ? true : nil }
    }

    func stop() {
        pauseSignal.raise()
        stopSignal.raise()
        thread.join()
    }

    deinit { stop() }
}
