import FrameProtocol
public import Threads
public import ZeroMQ

/// Asks a monitor's replay socket for earlier verdicts, and acknowledges them. Belongs to one thread.
public final class ReplayClient {
    /// Part of the journal, in order and without a gap.
    public struct Page: Sendable {
        /// At most as many as there was credit for.
        public let verdicts: [StoredVerdict]
        /// The journal that the numbers count in.
        public let epoch: String
        /// The first verdict that is still kept.
        public let first: UInt64
        /// The last verdict that there is.
        public let head: UInt64
        /// Where it begins: as asked, or after the consumer's cursor. Those before `first` are not kept any more.
        public let from: UInt64
        /// Where to go on.
        public let next: UInt64
    }

    /// How long the next message of an answer may take. A page may take longer, on a slow link.
    public static let patience = Duration.seconds(2)

    private let context: Context
    private let endpoint: String
    private let security: SocketSecurity
    private var socket: Socket
    private var tag: UInt64 = 0

    /// - Parameter security: the keys, where the monitor asks for CURVE; no encryption by default.
    public init(
        context: Context, endpoint: String, security: SocketSecurity = .none
    ) throws(PublishingError) {
        self.context = context
        self.endpoint = endpoint
        self.security = security
        socket = try Self.connect(context, endpoint, security)
    }

    /// Verdicts from `seq` on, or from after the consumer's cursor.
    ///
    /// - Returns: nil when `stop` is raised, or there is no answer within `patience`: ask again.
    public func page(
        from seq: UInt64?, epoch: String?, consumer: String?, credit: Int = 200, unless stop: StopSignal
    ) throws(PublishingError) -> Page? {
        let request = ReplayRequest.verdicts(
            .init(fromSeq: seq, epoch: epoch, credit: credit, consumer: consumer, tag: nextTag()))
        var verdicts: [StoredVerdict] = []
        let end = try ask(request, unless: stop) { verdict in
            if let last = verdicts.last, verdict.seq != last.seq + 1 { return false }
            verdicts.append(verdict)
            return true
        }
        guard let end else { return nil }
        guard case .end(let fields) = end, let epoch = fields.epoch, let first = fields.first, let head = fields.head,
            let from = fields.from, let next = fields.next
        else { throw unexpected }
        return Page(verdicts: verdicts, epoch: epoch, first: first, head: head, from: from, next: next)
    }

    /// Tells the monitor that everything up to `seq` is done; it is durable there on return.
    ///
    /// - Returns: false when `stop` was raised, or no answer came within `patience`.
    @discardableResult
    public func acknowledge(
        _ consumer: String, through seq: UInt64, epoch: String, unless stop: StopSignal
    ) throws(PublishingError) -> Bool {
        let request = ReplayRequest.acknowledge(
            .init(consumer: consumer, epoch: epoch, seq: seq, tag: nextTag()))
        let answer = try ask(request, unless: stop) { _ in true }
        guard let answer else { return false }
        guard case .acknowledged = answer else { throw unexpected }
        return true
    }

    /// Leaves; what was asked is not answered any more.
    public func close() { socket.close() }

    private func nextTag() -> String {
        tag += 1
        return "\(tag)"
    }

    /// Asks once; nil if there is no answer in time, as from a monitor that is starting anew.
    private func ask(
        _ request: ReplayRequest, unless stop: StopSignal, verdict take: (StoredVerdict) -> Bool
    ) throws(PublishingError) -> ReplayAnswer? {
        var answer: ReplayAnswer?
        do throws(ZeroMQError) {
            let deadline = SystemClock().after(Self.patience)
            if try socket.send([request.json], deadline: deadline, unless: stop) {
                answer = try wait(for: tag, deadline, stop, take)
            }
        } catch {
            throw PublishingError(error)
        }
        switch answer {
        case .refused(let fields):
            let reason = fields.reason.flatMap(ReplayRefusal.Reason.init(rawValue:)) ?? .malformed
            guard reason == .journalUnavailable else {
                throw PublishingError(
                    code: .refused(reason), message: "\(endpoint) refuses: \(fields.message ?? reason.rawValue)")
            }
            stop.wait(until: SystemClock().after(.milliseconds(200)))
            return nil
        case .some(let answer): return answer
        case nil:
            // What was asked of a monitor that is gone is not to be answered by its successor, beside the next answer.
            socket.close()
            socket = try Self.connect(context, endpoint, security)
            return nil
        }
    }

    /// The answer that ends those to `tag`; nil if it did not come in time, or one before it is missing.
    private func wait(
        for tag: UInt64, _ first: UInt64, _ stop: StopSignal, _ take: (StoredVerdict) -> Bool
    ) throws(ZeroMQError) -> ReplayAnswer? {
        var deadline = first
        while let message = try socket.receive(deadline: deadline, unless: stop) {
            guard let answer = message.first.flatMap(ReplayAnswer.parse) else { continue }
            switch answer {
            case .verdict(let verdict):
                if !take(verdict) { return nil }
                deadline = SystemClock().after(Self.patience)
            case .end(let fields), .acknowledged(let fields):
                if fields.tag == "\(tag)" { return answer }
            case .refused: return answer
            }
        }
        return nil
    }

    private static func connect(
        _ context: Context, _ endpoint: String, _ security: SocketSecurity
    ) throws(PublishingError) -> Socket {
        do throws(ZeroMQError) {
            var options = SocketOptions.replay
            options.linger = .zero
            options.security = security
            let socket = try Socket(.dealer, context: context, options: options)
            try socket.connect(endpoint)
            return socket
        } catch {
            throw PublishingError(error)
        }
    }

    private var unexpected: PublishingError {
        PublishingError(
            code: .refused(.malformed), message: "\(endpoint) answered with something else than was asked for")
    }
}
