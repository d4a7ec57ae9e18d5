import Foundation
import Journal
import Publishing
import Threads
import ZeroMQ

/// From the journal to a subscriber: verdicts as the monitor handles them, stored with a full fsync and then published.
///
///     journal-benchmark [FOLDER]     a folder on the disk to be measured; /tmp may be memory
@main
enum JournalBenchmark {
    static func main() throws {
        let folder = CommandLine.arguments.dropFirst().first ?? FileManager.default.currentDirectoryPath
        try one(name: "fsync of 4 KiB alone, 200 times") { try syncs(in: folder, count: 200) }
        try one(name: "one at a time, 20 a second, 10 s") {
            try Delivery(in: folder).run(rate: 20, seconds: 10).latencies
        }
        let sustained = try Delivery(in: folder).run(rate: 1000, seconds: 20)
        print(
            "1000 a second for 20 s: \(sustained.latencies.count) verdicts received, \(sustained.completeness), "
                + "\(decimal(Double(sustained.latencies.count) / sustained.seconds)) a second, "
                + "\(sustained.commits) commits; \(figures(sustained.latencies))")
        let delivery = try Delivery(in: folder, stalled: true)
        let beside = try delivery.run(rate: 1000, seconds: 20)
        print(
            "the same beside a subscriber that never reads: \(beside.latencies.count) received by the other, "
                + "\(beside.completeness); "
                + figures(beside.latencies))
        let flood = try Delivery(in: folder).run(rate: .infinity, seconds: 10)
        print(
            "as fast as it goes for 10 s: \(decimal(Double(flood.latencies.count) / flood.seconds)) a second, "
                + "\(flood.completeness), \(flood.commits) commits")
    }

    private static func one(name: String, _ body: () throws -> [Double]) throws {
        print("\(name): \(figures(try body()))")
    }

    private static func syncs(in folder: String, count: Int) throws -> [Double] {
        let path = folder + "/scanward-sync-\(getpid())"
        let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
        defer {
            close(descriptor)
            unlink(path)
        }
        let page = [UInt8](repeating: 7, count: 4096)
        return (0..<count).map { index in
            let began = SystemClock().now
            pwrite(descriptor, page, page.count, off_t(index * page.count))
            fdatasync(descriptor)
            return Double(SystemClock().now - began) / 1e6
        }
    }

    static func figures(_ milliseconds: [Double]) -> String {
        let sorted = milliseconds.sorted()
        func at(_ share: Double) -> String {
            sorted.isEmpty ? "-" : decimal(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))])
        }
        return "median \(at(0.5)) ms, 95 % \(at(0.95)) ms, 99 % \(at(0.99)) ms, longest \(decimal(sorted.last ?? 0)) ms"
    }

    static func decimal(_ value: Double) -> String { String(format: "%.2f", value) }
}
