import Foundation
import Threads

/// Finds lost verdicts and silent stations in what a subscriber receives.
///
/// A pure state machine: time is passed in, in monotonic ns. At most `maximumStations` are watched.
public struct VerdictTracker: Sendable {
    /// How long without a heartbeat is silence.
    public let staleAfter: Duration
    /// Whether each verdict of a station is subscribed to; if not, missing ones are no gap.
    public let seesAllEvaluations: Bool

    private let staleNanoseconds: UInt64
    private let startedAt: UInt64
    private let maximumStations: Int
    private var stations: [VerdictTopic.Station: State] = [:]
    private var saidNothingCame = false

    private struct State: Sendable {
        var epoch: String
        var head: UInt64
        var lastBeat: UInt64
        var isSilent = false
    }

    private struct Place: Decodable {
        let epoch: String
        let seq: UInt64
        let t_ns: UInt64?
    }

    /// - Parameter time: from when on a first heartbeat is waited for.
    public init(
        staleAfter: Duration = .seconds(3), seesAllEvaluations: Bool = true, at time: UInt64, maximumStations: Int = 256
    ) {
        self.staleAfter = staleAfter
        self.seesAllEvaluations = seesAllEvaluations
        self.maximumStations = maximumStations
        staleNanoseconds = staleAfter.clampedNanoseconds
        startedAt = time
    }

    /// When `expire(at:)` has something to say, in monotonic ns; nil if never without a message.
    public var nextDeadline: UInt64? {
        if stations.isEmpty { return saidNothingCame ? nil : deadline(after: startedAt) }
        return stations.values.filter { !$0.isSilent }.map { deadline(after: $0.lastBeat) }.min()
    }

    /// Takes a message in. Gaps and changes come before the message that showed them.
    public mutating func receive(_ message: [UInt8], at time: UInt64) -> [VerdictEvent] {
        guard let (topic, json) = VerdictTopic.split(message) else {
            return [
                .malformed(
                    "expected verdict/1/LINE/STATION/EVALUATION {json} or a heartbeat, found "
                        + "\(message.count) bytes of something else; is this a verdict socket?")
            ]
        }
        guard let place = try? JSONDecoder().decode(Place.self, from: Data(json)) else {
            return [.malformed("\(topic.text): expected JSON with \"epoch\" and \"seq\", found something else")]
        }
        guard stations[topic.station] != nil || stations.count < maximumStations else {
            return [.malformed("\(topic.text): more than \(maximumStations) stations; subscribe to fewer")]
        }
        switch topic {
        case .verdict(let station, let evaluation):
            let known = stations[station]
            let isRepeat = known.map { $0.epoch == place.epoch && place.seq <= $0.head } ?? false
            let events = advance(station, to: place, last: place.seq == 0 ? 0 : place.seq - 1, at: time)
            let received = VerdictEvent.Received(
                station: station, evaluation: evaluation, epoch: place.epoch, seq: place.seq, isRepeat: isRepeat,
                json: Array(json))
            return events + [.verdict(received)]
        case .heartbeat(let station):
            var events = advance(station, to: place, last: place.seq, at: time)
            stations[station]?.lastBeat = time
            if stations[station]?.isSilent ?? false { events.append(.resumed(station: station)) }
            stations[station]?.isSilent = false
            let heartbeat = VerdictEvent.Heartbeat(
                station: station, epoch: place.epoch, seq: place.seq, unixNanoseconds: place.t_ns ?? 0)
            return events + [.heartbeat(heartbeat)]
        }
    }

    /// Says which stations are silent at `time`; each once, until it is heard again.
    public mutating func expire(at time: UInt64) -> [VerdictEvent] {
        if stations.isEmpty {
            guard !saidNothingCame, deadline(after: startedAt) <= time else { return [] }
            saidNothingCame = true
            return [.silent(station: nil, nanoseconds: time - startedAt)]
        }
        var events: [VerdictEvent] = []
        for (station, state) in stations.sorted(by: { $0.key < $1.key }) where !state.isSilent {
            guard deadline(after: state.lastBeat) <= time else { continue }
            stations[station]?.isSilent = true
            events.append(.silent(station: station, nanoseconds: time - state.lastBeat))
        }
        return events
    }

    /// Moves a station's head to `place`; what lies between and was published up to `last` is a gap.
    private mutating func advance(
        _ station: VerdictTopic.Station, to place: Place, last: UInt64, at time: UInt64
    ) -> [VerdictEvent] {
        guard var state = stations[station] else {
            // The first that is heard of it: what came before was never subscribed to.
            stations[station] = State(epoch: place.epoch, head: place.seq, lastBeat: time)
            return []
        }
        defer { stations[station] = state }
        if state.epoch != place.epoch {
            let change = VerdictEvent.epochChanged(station: station, from: state.epoch, to: place.epoch)
            state.epoch = place.epoch
            state.head = place.seq
            return [change]
        }
        let known = state.head
        state.head = max(known, place.seq)
        guard seesAllEvaluations, last > known else { return [] }
        return [.gap(VerdictEvent.Gap(station: station, epoch: place.epoch, missing: known + 1...last))]
    }

    private func deadline(after time: UInt64) -> UInt64 {
        let (sum, overflow) = time.addingReportingOverflow(staleNanoseconds)
        return overflow ? .max : sum
    }
}
