import Fleet
import Foundation
import NATSTransport
import Threads

/// That a line's name is one process's. Two lines of one name (the default, say) would take each other's answers, and each
/// remove what the other hands over.
extension PartPool {
    /// Says again that this process has the line, and how it stands, every few seconds; the server forgets it 15 s after the last
    /// time.
    ///
    /// - Throws: where another one has it.
    func claim(_ due: inout UInt64) throws(NATSError) {
        guard SystemClock().now >= due else { return }
        let subject = FleetNames.owner(of: line)
        let last = try link.streams.last(of: subject, in: FleetNames.workers)
        let owner = last.flatMap { try? LineReport($0.payload) }
        if let owner, owner.journal != builder.epoch { throw Self.taken(line, by: owner.process) }
        lookForHub()
        var report = LineReport(
            journal: builder.epoch, process: "\(ProcessInfo.processInfo.hostName)-\(getpid())")
        let depth = depth
        (report.parts, report.sent, report.spoolBytes) = (depth.parts, depth.sent, depth.bytes)
        report.oldestAge = (depth.age * 1000).rounded() / 1000
        do throws(NATSError) {
            // Every value in it is finite by construction.
            _ = try link.streams.publish(subject, (try? report.encoded()) ?? [], id: nil, after: last?.sequence ?? 0)
        } catch {
            // Another was faster by a moment.
            guard error.code == .refused(NATSError.notTheLast) else { throw error }
            throw Self.taken(line, by: "another process")
        }
        due = SystemClock().after(WorkerReport.interval)
    }

    private static func taken(_ line: String, by process: String) -> NATSError {
        NATSError(
            .configuration,
            "the line \(line) of this fleet is that of another journal, in use by \(process): give each line a name of its own with "
                + "--line; parts wait in the spool until then")
    }
}
