/// Follows one direction of a connection from where something is lost to where it is known what that cost.
struct LossTracker {
    /// What is not settled yet.
    private var open: CaptureLoss?
    /// A message was said to be lost: only `stateLost`, which may follow at once, still belongs to it.
    private var isPriced = false
    /// What the last fault would have cost, until something is lost by it.
    private var faultCause: CaptureLoss.Cause?

    init() {}

    /// Begins with what is left of a connection that was forgotten: its place is to be found again.
    init(forgotten flow: Flow, at time: Int64) {
        open = Self.loss(.forgotten, flow, time)
        open?.cost = .place(nil, skippedBytes: 0, isFoundAgain: false)
    }

    /// Whether the place is still lost that was forgotten.
    var isForgotten: Bool { open?.cause == .forgotten }

    /// Says that the connection is forgotten now: what its end costs is for that.
    mutating func forget() { faultCause = .forgotten }

    /// Whether an event that costs nothing can be passed over.
    var isIdle: Bool { open == nil }

    /// Takes note of a gap, before its events.
    ///
    /// - Parameter isPlaceKnown: whether the stream is being decoded; else a topic is being looked for.
    mutating func gap(_ bytes: UInt64, isPlaceKnown: Bool, _ flow: Flow, at time: Int64) {
        if open == nil { open = Self.loss(isPlaceKnown ? .missingBytes : .midStream, flow, time) }
        open?.missingBytes &+= bytes
        open?.gaps += 1
    }

    /// Takes note of an event; appends what it settled.
    mutating func note(_ event: ZMTPEvent, _ flow: Flow, at time: Int64, settled: inout [CaptureLoss]) {
        if isPriced, event != .stateLost { settle(&settled) }
        switch event {
        case .messageLost(let message):
            var loss = open ?? Self.loss(faultCause ?? .unfinished, flow, time)
            loss.cost = .message(FrameIdentity(parts: message.parts))
            open = loss
            isPriced = true
            faultCause = nil
        case .stateLost:
            var loss = open ?? Self.loss(faultCause ?? .damaged, flow, time)
            let begun: FrameIdentity? = if case .message(let identity) = loss.cost { identity } else { nil }
            loss.cost = .place(begun, skippedBytes: 0, isFoundAgain: false)
            open = loss
            isPriced = false
            faultCause = nil
        case .resynchronized(let skipped):
            var loss = open ?? Self.loss(.midStream, flow, time)
            let begun: FrameIdentity? = if case .place(let identity, _, _) = loss.cost { identity } else { nil }
            loss.cost = .place(begun, skippedBytes: skipped, isFoundAgain: true)
            open = skipped > 0 ? loss : nil
            settle(&settled)
        case .fault(let fault):
            switch fault.code {
            case .frameTooLarge, .messageTooLarge, .tooManyParts: faultCause = .overLimit
            case .invalidFlags, .commandTooLarge: faultCause = .damaged
            case .malformedCommand, .notZMTP, .unsupportedVersion: break
            }
        case .message: faultCause = nil
        case .greeting:
            // Another connection, whose SYN was not seen.
            if isForgotten { open = nil }
        case .command: break
        }
    }

    /// Says that all events of a piece of input were noted.
    ///
    /// - Parameter isIntact: whether the decoder knows its place and misses nothing of what it is putting together.
    mutating func pause(isIntact: Bool, settled: inout [CaptureLoss]) {
        if isPriced || (isIntact && !isForgotten) { settle(&settled) }
    }

    /// Says that the stream has ended, `skippedBytes` behind the place that was lost.
    mutating func finish(skippedBytes: UInt64, settled: inout [CaptureLoss]) {
        if case .place(let begun, _, false)? = open?.cost {
            open?.cost = .place(begun, skippedBytes: skippedBytes, isFoundAgain: false)
            if isForgotten, skippedBytes == 0 { open = nil }
        }
        // A stream that was never understood is not known to have carried messages.
        if open?.cause == .midStream { open = nil }
        settle(&settled)
    }

    private mutating func settle(_ settled: inout [CaptureLoss]) {
        if let loss = open { settled.append(loss) }
        open = nil
        isPriced = false
    }

    private static func loss(_ cause: CaptureLoss.Cause, _ flow: Flow, _ time: Int64) -> CaptureLoss {
        CaptureLoss(cause: cause, flow: flow, timestampNanoseconds: time)
    }
}
