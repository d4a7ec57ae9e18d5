import Foundation
import Journal
import PointCloudFiles
import TestPrograms
import Testing
import Threads

extension JournalFaults {
    /// Row 16: parts at the pace of a line, for long.
    @Suite struct SoakTests {
        /// Seconds, by `make soak`.
        private static let wanted = ProcessInfo.processInfo.environment["SCANWARD_SOAK"].flatMap { Double($0) }

        /// Parts before the first that counts.
        private static let warmUp = 6000

        @Test func memoryAndDescriptorsStay() async throws {
            let seconds = Self.wanted ?? 60
            let folder = try ScratchFolder("soak")
            let monitor = try await RunningMonitor.start(in: folder, models: try await QuickModel.folder())
            let path = Program.fixture("parts/mug/test/mug_01.pcd")
            let mug = try PointCloudFile.read([UInt8](Data(contentsOf: URL(filePath: path)))).points
            let listener = Listener(to: monitor.live)
            // What grows up to a bound is filled first: SQLite's page caches (2 MB each), the parts that are closed (4096).
            let warming = PartLoad(to: monitor.input, rate: 1000, frames: 1, source: "scanner-w")
            #expect(listener.waitForVerdicts(Self.warmUp, seconds: 600))
            warming.stop()
            let load = PartLoad(
                to: monitor.input, rate: 10.0 / 60, frames: 1, type: { _ in "mug" }, points: { _ in mug })
            let began = SystemClock().now
            var samples: [(seconds: Double, memory: Double, descriptors: Int)] = []
            while testSeconds(began) < seconds {
                try #require(listener.waitForHeartbeat(after: listener.heartbeats))
                let resources = monitor.resources
                samples.append((testSeconds(began), Double(resources.memory), resources.descriptors))
            }
            load.stop()
            monitor.program.terminate()
            #expect(await monitor.program.finish().status == 0)
            listener.stop()
            // The first third is warming up the scoring.
            let steady = samples.filter { $0.seconds > seconds / 3 }
            let slope = Self.slope(steady.map { ($0.seconds / 3600, $0.memory / 1e6) })
            #expect(Set(steady.map(\.descriptors)).count == 1, "\(Set(steady.map(\.descriptors)))")
            // Over a minute the slope is noise; what it may have grown by is not.
            let grown = (steady.map(\.memory).max() ?? 0) - (steady.first?.memory ?? 0)
            if seconds >= 1200 { #expect(slope < 1) } else { #expect(grown < 10e6) }
            try requireStored(listener.verdicts, in: monitor.stateFolder)
            Faults.report(
                row: 16,
                "\(Int(seconds)) s at 10 parts/min: \(listener.verdicts.count) verdicts, memory "
                    + "\(decimal((steady.last?.memory ?? 0) / 1e6)) MB, slope after warm-up \(decimal(slope)) MB/h (grown by "
                    + "\(decimal(grown / 1e6)) MB), \(steady.last?.descriptors ?? 0) descriptors throughout")
        }

        private func testSeconds(_ since: UInt64) -> Double { Double(SystemClock().now - since) / 1e9 }

        /// Least squares: y per x.
        private static func slope(_ points: [(x: Double, y: Double)]) -> Double {
            let n = Double(points.count)
            guard n > 1 else { return 0 }
            let mx = points.reduce(0) { $0 + $1.x } / n, my = points.reduce(0) { $0 + $1.y } / n
            let sxx = points.reduce(0) { $0 + ($1.x - mx) * ($1.x - mx) }
            return points.reduce(0) { $0 + ($1.x - mx) * ($1.y - my) } / max(sxx, .leastNormalMagnitude)
        }
    }
}
