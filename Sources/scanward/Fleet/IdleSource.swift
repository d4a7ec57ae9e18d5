import Ingest
import Threads

/// No frames: of a process that takes verdicts.
final class IdleSource: FrameSource {
    private let stopped = StopSignal()

    var name: String { "verdicts of the fleet" }
    let isSimulated = false
    let counters = IngestCounters()
    let failure: String? = nil

    func next(deadline: UInt64?) -> QueueDelivery<FrameEvent> {
        stopped.wait(until: deadline) ? .closed : .timedOut
    }

    func stop() { stopped.raise() }
}
