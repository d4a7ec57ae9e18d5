import FrameProtocol
import Foundation
import Ingest
import Threads
import ZeroMQ

/// Frames over tcp from another process: what receiving and decoding them costs.
enum FrameReception {
    static func run(rate: Int, seconds: Int) throws {
        let context = try Context()
        let source = try ZeroMQFrameSource(
            context: context, configuration: .init(mode: .bind("tcp://127.0.0.1:0")))
        let publisher = Process()
        publisher.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        publisher.arguments = ["publish", source.endpoint, "\(rate)", "\(seconds)"]
        try publisher.run()
        let expected = rate * seconds
        var received = 0
        var usage: (cpu: Double, wall: UInt64)?
        var slowest = 0.0
        while received < expected {
            guard case .element(let event) = source.next(deadline: SystemClock().after(.seconds(10))) else { break }
            // From the first frame on: what came before is the start of two processes.
            if usage == nil { usage = (cpuSeconds(), SystemClock().now) }
            guard case .frame(let frame) = event.content else { continue }
            received += 1
            if let sent = frame.header.sendNanoseconds, event.unixNanoseconds > sent {
                slowest = max(slowest, Double(event.unixNanoseconds - sent) / 1e6)
            }
        }
        let cpu = cpuSeconds() - (usage?.cpu ?? 0)
        let wall = Double(SystemClock().now - (usage?.wall ?? 0)) / 1e9
        publisher.waitUntilExit()
        let counted = source.counters.total
        source.stop()
        print(
            "tcp: \(received) of \(expected) frames of 1 MB at \(rate) a second over "
                + String(format: "%.1f s: %.2f CPU s of the receiver (%.2f cores), ", wall, cpu, cpu / wall)
                + "\(counted.sequence.missing) missing, \(counted.refusedTotal) refused; "
                + String(format: "at most %.1f ms from sending to decoding", slowest))
    }

    /// User and system time of this process, all threads.
    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}

/// The other process.
enum FramePublisher {
    static func run(endpoint: String, rate: Int, seconds: Int) throws {
        let context = try Context()
        var options = SocketOptions.frames
        options.linger = .seconds(10)
        let socket = try Socket(.push, context: context, options: options)
        try socket.connect(endpoint)
        let message = try BenchmarkFrames.message(0, BenchmarkFrames.somePoints())
        let header = String(decoding: message[1], as: UTF8.self)
        let clock = SystemClock()
        let start = clock.now
        let interval = 1_000_000_000 / UInt64(rate)
        for seq in 0..<UInt64(rate * seconds) {
            _ = clock.wait(until: start + seq * interval, unless: StopSignal())
            // The same points, whose checksum is known: the publisher should cost little.
            let text = header.replacingOccurrences(of: "\"seq\": 0,", with: "\"seq\": \(seq),")
                .replacingOccurrences(of: "\"unit\"", with: "\"t_send_ns\": \(SystemClock.unixNanoseconds), \"unit\"")
            guard try socket.send([message[0], Array(text.utf8), message[2]]) else { break }
        }
        socket.close()
        context.terminate()
    }
}
