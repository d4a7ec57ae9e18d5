import Foundation
import Ingest
import Threads

/// A capture file to decoded frames, in process.
enum CaptureThroughput {
    static func run(megabytes: Int, repetitions: Int) throws {
        let path = FileManager.default.temporaryDirectory.path + "/ingest-benchmark-\(getpid()).pcap"
        defer { unlink(path) }
        // 1448: full Ethernet segments. 65,483: what the loopback carries at once.
        for segmentBytes in [1448, 65_483] {
            let points = BenchmarkFrames.somePoints()
            var capture = try BenchmarkCapture(path: path, segmentBytes: segmentBytes)
            for seq in 0..<UInt64(megabytes) { try capture.add(BenchmarkFrames.message(seq, points)) }
            var rates: [Double] = []
            var cpuRates: [Double] = []
            for _ in 0...repetitions {
                let source = try CaptureFrameSource(path: path)
                let (start, cpu) = (SystemClock().now, threadSeconds())
                var frames = 0
                while case .element(let event) = source.next(deadline: nil) {
                    if case .frame = event.content { frames += 1 }
                }
                let seconds = Double(SystemClock().now - start) / 1e9
                guard frames == megabytes else { throw Unexpected(found: frames, of: megabytes) }
                let megabytes = Double(source.counters.total.bytes) / 1e6
                rates.append(megabytes / seconds)
                cpuRates.append(megabytes / (threadSeconds() - cpu))
            }
            // The first read only warms the page cache.
            rates = rates.dropFirst().sorted()
            cpuRates = cpuRates.dropFirst().sorted()
            print(
                "capture to frames, segments of \(segmentBytes) bytes: median \(Int(rates[rates.count / 2])) MB/s, "
                    + "lowest \(Int(rates[0])), highest \(Int(rates[rates.count - 1])) (by the thread's own CPU time \(Int(cpuRates[cpuRates.count / 2]))), of \(repetitions) readings of "
                    + "\(megabytes) frames of 1 MB, one thread, CRC on")
        }
    }

    /// CPU time of this thread: what a busy machine leaves comparable.
    private static func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    struct Unexpected: Error, CustomStringConvertible {
        var found: Int
        var of: Int
        var description: String { "expected \(of) frames, found \(found)" }
    }
}
