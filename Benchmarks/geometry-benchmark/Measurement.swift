import BenchmarkArguments
import Foundation
import PointClouds

/// Median times of an operation, and a number that its result determines: it must not change with the threads.
struct Measurement {
    var operation: String
    var cpu: Double
    var wall: Double
    var check: Double
    var threads: Int
    var repetitions: Int

    var json: String {
        "{\"op\":\"\(operation)\",\"cpu\":\(cpu),\"wall\":\(wall),\"threads\":\(threads),\"reps\":\(repetitions),"
            + "\"check\":\(check),\"peak_mb\":\(Self.peakMegabytes())}"
    }

    static func take(_ operation: String, _ input: Input, repetitions: Int) throws -> Measurement {
        guard let prepare = Operations.all[operation] else {
            throw Refusal(
                message:
                    "expected one of \(Operations.all.keys.sorted().joined(separator: " ")), found \"\(operation)\"")
        }
        let body = try prepare(input)
        var cpu: [Double] = []
        var wall: [Double] = []
        var check = 0.0
        for _ in 0..<repetitions {
            let startedCPU = seconds(CLOCK_PROCESS_CPUTIME_ID)
            let startedWall = seconds(CLOCK_MONOTONIC)
            check = try body()
            cpu.append(seconds(CLOCK_PROCESS_CPUTIME_ID) - startedCPU)
            wall.append(seconds(CLOCK_MONOTONIC) - startedWall)
        }
        return Measurement(
            operation: operation, cpu: median(cpu), wall: median(wall), check: check, threads: input.workers.count,
            repetitions: repetitions)
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    /// The most memory that the process has held so far, reading included.
    private static func peakMegabytes() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }
}
