import FrameProtocol
import Synchronization
import Threads
public import ZeroMQ

/// Answers requests for earlier verdicts on a ROUTER socket, from a thread of its own (after the ZeroMQ guide's Clone
/// pattern and its credit-based flow control, and RFC 12).
///
/// It keeps nothing of its peers: each request names where to begin and how many verdicts it has room for, and gets at
/// most that, then an end mark with where to go on. So a reader that is slow, or gone, costs no memory beyond the
/// socket's high-water mark; what does not fit there is dropped, and asked for again.
public final class VerdictReplay: Sendable {
    /// What it is made from.
    public struct Configuration: Sendable {
        /// A ZeroMQ endpoint to listen at; port 0 takes a free one.
        public var endpoint: String
        /// Whether other machines may ask without encryption.
        public var allowInsecure = false
        /// Name of the line and of its station, in the answers' topics.
        public var line: String
        public var station: String
        public var options = SocketOptions.replay

        public init(endpoint: String, line: String, station: String) {
            self.endpoint = endpoint
            self.line = line
            self.station = station
        }
    }

    /// What was asked and answered.
    public struct Statistics: Sendable, Equatable {
        public var requests = 0, verdicts = 0, acknowledgements = 0
        /// Refusals by name.
        public var refused: [String: Int] = [:]
        /// Why answering ended before `stop()`, if it did.
        public var failure: String?
    }

    /// Where it listens, with the port in place of 0.
    public let endpoint: String

    private let counted: Counted
    private let stopSignal = StopSignal()
    private let thread: JoinableThread

    fileprivate final class Counted: Sendable {
        let state = Mutex(Statistics())
    }

    /// Opens the socket.
    public init(
        context: Context, configuration: Configuration, store: any VerdictStore
    ) throws(PublishingError) {
        try VerdictTopic.check("line", configuration.line)
        try VerdictTopic.check("station", configuration.station)
        let socket: Socket
        do throws(ZeroMQError) {
            socket = try Socket(.router, context: context, options: configuration.options)
            endpoint = try socket.bind(configuration.endpoint, allowInsecure: configuration.allowInsecure)
        } catch {
            throw PublishingError(error)
        }
        let counted = Counted(), stop = stopSignal
        let station = VerdictTopic.Station(line: configuration.line, station: configuration.station)
        self.counted = counted
        thread = JoinableThread(name: "replay", owning: socket) { socket in
            do throws(ZeroMQError) {
                while let parts = try socket.receive(unless: stop) {
                    guard let (envelope, body) = Self.open(parts) else {
                        let refusal = ReplayRefusal(
                            .malformedEnvelope, "expected one part of JSON, found \(parts.count - 1) parts")
                        counted.note(refusal)
                        guard let identity = parts.first else { continue }
                        _ = try Self.send(.refused(.init(refusal, nil)), [identity], socket, station)
                        continue
                    }
                    try Self.answer(body, envelope, socket, station, store, counted)
                }
            } catch {
                counted.state.withLock { $0.failure = error.message }
            }
        }
    }

    deinit { stop() }

    /// What was asked and answered so far.
    public var statistics: Statistics { counted.state.withLock { $0 } }

    /// Answers nothing more, and closes the socket.
    public func stop() {
        stopSignal.raise()
        thread.join()
    }

    /// Parts the envelope (identity, and the empty part of a REQ socket) from the request.
    private static func open(_ parts: [[UInt8]]) -> (envelope: [[UInt8]], body: [UInt8])? {
        switch parts.count {
        case 2: ([parts[0]], parts[1])
        case 3 where parts[1].isEmpty: ([parts[0], []], parts[2])
        default: nil
        }
    }

    private static func answer(
        _ body: [UInt8], _ envelope: [[UInt8]], _ socket: Socket, _ station: VerdictTopic.Station,
        _ store: any VerdictStore, _ counted: Counted
    ) throws(ZeroMQError) {
        counted.state.withLock { $0.requests += 1 }
        var extent: VerdictExtent?
        var answers: [ReplayAnswer]
        do {
            let request = try ReplayRequest.decode(body)
            extent = try store.extent()
            switch request {
            case .verdicts(let wanted): answers = try verdicts(wanted, store)
            case .acknowledge(let acknowledgement): answers = [try acknowledge(acknowledgement, store)]
            }
        } catch {
            let refusal = error as? ReplayRefusal ?? ReplayRefusal(.journalUnavailable, "\(error)")
            counted.note(refusal)
            answers = [.refused(.init(refusal, extent))]
        }
        for answer in answers {
            // A full peer gets no more of this: it sees the gap, or no end, and asks again.
            guard try send(answer, envelope, socket, station) else { break }
            counted.note(answer)
        }
    }

    private static func verdicts(
        _ wanted: ReplayRequest.Verdicts, _ store: any VerdictStore
    ) throws -> [ReplayAnswer] {
        let extent = try store.extent()
        try require(wanted.epoch, in: extent)
        var from = wanted.fromSeq
        if let consumer = wanted.consumer {
            let cursor = try store.cursor(of: consumer)
            if cursor == nil {
                try store.register(consumer, after: (from ?? extent.first).subtractingOne)
            }
            from = from ?? cursor.map { $0 + 1 }
        }
        let start = max(1, from ?? extent.first)
        let page = try store.verdicts(from: start, limit: wanted.credit)
        var end = ReplayAnswer.Fields(page.extent, tag: wanted.tag)
        end.from = start
        end.next = page.next
        return page.verdicts.map(ReplayAnswer.verdict) + [.end(end)]
    }

    private static func acknowledge(
        _ acknowledgement: ReplayRequest.Acknowledgement, _ store: any VerdictStore
    ) throws -> ReplayAnswer {
        let extent = try store.extent()
        try require(acknowledgement.epoch, in: extent)
        guard acknowledgement.seq <= extent.head else {
            throw ReplayRefusal(
                .beyondHead, "seq: expected at most \(extent.head), the last verdict, found \(acknowledgement.seq)")
        }
        try store.acknowledge(acknowledgement.consumer, through: acknowledgement.seq)
        var fields = ReplayAnswer.Fields(tag: acknowledgement.tag)
        fields.epoch = extent.epoch
        fields.consumer = acknowledgement.consumer
        fields.seq = acknowledgement.seq
        return .acknowledged(fields)
    }

    private static func require(_ epoch: String?, in extent: VerdictExtent) throws(ReplayRefusal) {
        guard let epoch, epoch != extent.epoch else { return }
        throw ReplayRefusal(
            .unknownEpoch,
            "the journal is in epoch \(extent.epoch), not \(epoch): ask for its verdicts from \(extent.first) on")
    }

    private static func send(
        _ answer: ReplayAnswer, _ envelope: [[UInt8]], _ socket: Socket, _ station: VerdictTopic.Station
    ) throws(ZeroMQError) -> Bool {
        // A ROUTER never waits: for a peer that is full or gone it drops.
        try socket.send(envelope + [answer.message(from: station)], deadline: 0)
    }
}

extension VerdictReplay.Counted {
    func note(_ refusal: ReplayRefusal) {
        state.withLock { $0.refused[refusal.reason.rawValue, default: 0] += 1 }
    }

    func note(_ answer: ReplayAnswer) {
        state.withLock { state in
            switch answer {
            case .verdict: state.verdicts += 1
            case .acknowledged: state.acknowledgements += 1
            case .end, .refused: break
            }
        }
    }
}

extension ReplayAnswer.Fields {
    init(_ refusal: ReplayRefusal, _ extent: VerdictExtent?) {
        self.init(extent)
        reason = refusal.reason.rawValue
        message = refusal.message
    }
}

extension UInt64 {
    fileprivate var subtractingOne: UInt64 { self == 0 ? 0 : self - 1 }
}

extension SocketOptions {
    /// For replayed verdicts: what one request may ask for fits, and not much more.
    public static let replay: SocketOptions = {
        var options = SocketOptions.verdicts
        options.sendHighWaterMark = 2 * ReplayRequest.maximumCredit
        options.receiveHighWaterMark = 2 * ReplayRequest.maximumCredit
        options.maximumParts = 4
        return options
    }()
}
