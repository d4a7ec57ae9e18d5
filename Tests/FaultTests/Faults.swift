import FrameProtocol
import Foundation
import Glibc
import TestPrograms
import Testing
import Threads
import ZeroMQ

/// How long the fault tests are: `SCANWARD_FAULTS=full` runs each at the length that docs/reliability.md promises.
enum Faults {
    static let isFull = ProcessInfo.processInfo.environment["SCANWARD_FAULTS"] == "full"

    /// Ends a test that hangs. In the long form some take minutes.
    static var timeLimit: TimeLimitTrait { .timeLimit(.minutes(isFull ? 120 : 30)) }

    /// `full` in the long form, `short` inside `make test`.
    static func length<Value>(_ short: Value, full: Value) -> Value { isFull ? full : short }

    /// Whether a promised time was kept. The short form runs beside every other test, where times say nothing: it prints them
    /// only.
    static func isKept(_ promise: Bool) -> Bool { promise || !isFull }

    /// Prints what a test measured, for docs/reliability.md.
    static func report(row: Int, _ text: String) {
        print("reliability row \(row) (\(isFull ? "full" : "short")): \(text)")
    }

    /// Whether this process may do what only root may: mount, and make network namespaces.
    static func canRun(_ command: String...) -> Bool {
        (try? run(command)) ?? false
    }

    /// Runs a command to its end.
    ///
    /// - Returns: whether it ended with 0.
    @discardableResult
    static func run(_ command: [String]) throws -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "scanward-fault-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    static func seconds(since start: UInt64) -> Double { Double(SystemClock().now - start) / 1e9 }

    static func text(_ seconds: Double) -> String { String(format: "%.2f s", seconds) }
}

/// What of a process /proc tells.
struct ProcessUsage {
    /// Memory now, and at most so far, bytes.
    let resident: Int, peak: Int
    let descriptors: Int

    init(of process: Program) throws {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        func kilobytes(_ key: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
            return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
        }
        resident = kilobytes("VmRSS:") * 1024
        peak = kilobytes("VmHWM:") * 1024
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.processIdentifier)/fd").count
    }
}

/// Frames of parts that no model knows: decided at once.
struct TestFrames {
    var source = "scanner-t"
    var session = "s1"
    private(set) var seq: UInt64 = 0

    /// The frames of one part.
    mutating func part(_ id: String, frames: Int = 2, points: Int = 100) throws -> [[[UInt8]]] {
        try (0..<frames).map { try frame(of: id, UInt32($0), end: $0 == frames - 1, points: points) }
    }

    /// One frame.
    mutating func frame(
        of id: String, _ index: UInt32, end: Bool, points: Int = 100, type: String = "unheard-of"
    ) throws -> [[UInt8]] {
        let cloud = (0..<points).map { SIMD3(Float($0 % 100), Float($0 / 100), Float(index)) }
        return try frame(of: id, index, end: end, cloud: cloud, type: type)
    }

    mutating func frame(
        of id: String, _ index: UInt32, end: Bool, cloud: [SIMD3<Float>], type: String
    ) throws -> [[UInt8]] {
        var header = FrameHeader(
            source: source, session: session, seq: seq, partID: id, frameIndex: index, endOfPart: end,
            captureNanoseconds: seq + 1)
        header.partType = type
        seq += 1
        return try FrameEncoder().encode(header, points: cloud)
    }
}

/// A TCP connection that speaks no ZeroMQ.
struct BareConnection {
    let descriptor: Int32

    init(port: UInt16) throws { descriptor = try Loopback.connect(to: port) }

    func send(_ text: String) { _ = write(descriptor, text, text.utf8.count) }

    func close() { Glibc.close(descriptor) }
}
