public import Threads

/// Where frames come from: a socket, a recording, a test.
public protocol FrameSource: AnyObject, Sendable {
    /// What it is, for people: `PULL tcp://127.0.0.1:7777`.
    var name: String { get }

    /// Whether its frames come from a recording: then deadlines run on the recording's time.
    var isSimulated: Bool { get }

    /// What came so far, by scanner.
    var counters: IngestCounters { get }

    /// Why it ended, if by a failure: a sentence.
    var failure: String? { get }

    /// For how long its consumer has held it back so far, ns: it could not take frames in then, and the time of its events
    /// stood still.
    var heldBack: UInt64 { get }

    /// The next event, waiting until there is one.
    ///
    /// - Parameter deadline: monotonic ns, nil for ever; of no meaning to a recording, which waits for nothing.
    /// - Returns: `.closed` once there will be no more.
    func next(deadline: UInt64?) -> QueueDelivery<FrameEvent>

    /// Lets nothing more come in, and returns when nothing of it runs any more. What a live source has queued can
    /// still be taken; what its socket holds dies with it.
    func stop()
}

extension FrameSource {
    /// A recording waits for its consumer: its time is its own.
    public var heldBack: UInt64 { 0 }
}
