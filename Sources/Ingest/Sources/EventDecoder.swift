import FrameProtocol
import Threads

/// What becomes of the messages of one socket: frames and refusals, of bare arrays as well where they are taken.
struct EventDecoder: Sendable {
    private let decoder: FrameDecoder
    private let wallClock: any WallClock
    private var arrays: ArrayAdapter?

    init(_ configuration: ZeroMQFrameSource.Configuration) {
        decoder = FrameDecoder(limits: configuration.limits)
        wallClock = configuration.wallClock
        arrays = configuration.arrays.map { ArrayAdapter($0, limits: configuration.limits) }
    }

    /// After how much silence an open part of arrays has ended; nil if there is none.
    var awaitedSilence: Duration? { arrays?.awaitedSilence }

    mutating func event(
        of parts: [[UInt8]], _ discardedBytes: Int, at time: (now: UInt64, heldBack: UInt64)
    ) -> FrameEvent {
        let unix = wallClock.unixNanoseconds
        guard arrays != nil, ArrayAdapter.isArray(parts) else {
            return FrameEvent(
                parts: parts, discardedBytes: discardedBytes, decoder: decoder, time: time.now, unixNanoseconds: unix,
                heldBack: time.heldBack)
        }
        do throws(FrameRefusal) {
            let message = try arrays?.message(of: parts, discardedBytes: discardedBytes, unixNanoseconds: unix) ?? parts
            return FrameEvent(
                parts: message, decoder: decoder, time: time.now, unixNanoseconds: unix, heldBack: time.heldBack)
        } catch {
            return FrameEvent(
                content: .refused(error), bytes: parts.reduce(discardedBytes) { $0 + $1.count }, time: time.now,
                unixNanoseconds: unix, heldBack: time.heldBack)
        }
    }

    /// The end of a part of arrays, once nothing came for so long.
    mutating func silence(at time: (now: UInt64, heldBack: UInt64)) -> FrameEvent? {
        let unix = wallClock.unixNanoseconds
        return arrays?.end(unixNanoseconds: unix).map {
            FrameEvent(parts: $0, decoder: decoder, time: time.now, unixNanoseconds: unix, heldBack: time.heldBack)
        }
    }
}
