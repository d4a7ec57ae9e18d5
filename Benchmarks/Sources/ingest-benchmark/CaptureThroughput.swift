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
            for _ in 0...repetitions {
                let source = try CaptureFrameSource(path: path)
                let start = SystemClock().now
                var frames = 0
                while case .element(let event) = source.next(deadline: nil) {
                    if case .frame = event.content { frames += 1 }
                }
                let seconds = Double(SystemClock().now - start) / 1e9
                guard frames == megabytes else { throw Unexpected(found: frames, of: megabytes) }
                rates.append(Double(source.counters.total.bytes) / 1e6 / seconds)
            }
            // The first read only warms the page cache.
            rates = rates.dropFirst().sorted()
            print(
                "capture to frames, segments of \(segmentBytes) bytes: median \(Int(rates[rates.count / 2])) MB/s, "
                    + "lowest \(Int(rates[0])), highest \(Int(rates[rates.count - 1])), of \(repetitions) readings of "
                    + "\(megabytes) frames of 1 MB, one thread, CRC on")
        }
    }

    struct Unexpected: Error, CustomStringConvertible {
        var found: Int
        var of: Int
        var description: String { "expected \(of) frames, found \(found)" }
    }
}
