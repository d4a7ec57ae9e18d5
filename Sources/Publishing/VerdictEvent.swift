/// What a subscriber to verdicts sees.
public enum VerdictEvent: Sendable, Equatable {
    case verdict(Received)
    case heartbeat(Heartbeat)
    /// Verdicts that were published and did not come.
    case gap(Gap)
    /// The station counts in another journal from now on: what was published in between is not known.
    case epochChanged(station: VerdictTopic.Station, from: String, to: String)
    /// No heartbeat for the given time; `station` is nil if none came from any. No part may be released.
    case silent(station: VerdictTopic.Station?, nanoseconds: UInt64)
    /// A heartbeat came again after silence.
    case resumed(station: VerdictTopic.Station)
    /// A message that is neither a verdict nor a heartbeat of version 1: why.
    case malformed(String)

    /// A verdict as it was published.
    public struct Received: Sendable, Equatable {
        public let station: VerdictTopic.Station
        public let evaluation: String
        public let epoch: String
        public let seq: UInt64
        /// Its place was seen before: published once more after a crash, with the same `result_id`.
        public let isRepeat: Bool
        /// The JSON text.
        public let json: [UInt8]
    }

    /// Sign of life, with the last `seq` that was published.
    public struct Heartbeat: Sendable, Equatable {
        public let station: VerdictTopic.Station
        public let epoch: String
        public let seq: UInt64
        /// Publisher's wall clock, ns since the Unix epoch.
        public let unixNanoseconds: UInt64
    }

    /// Places in the journal that were passed over.
    public struct Gap: Sendable, Equatable {
        public let station: VerdictTopic.Station
        public let epoch: String
        public let missing: ClosedRange<UInt64>
    }
}
