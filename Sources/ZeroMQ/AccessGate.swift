import CZeroMQ
import Synchronization
import Threads

/// Answers libzmq's question whether a peer may connect: the ZAP handler (ZeroMQ RFC 27) of a context, on a thread of its
/// own. It admits CURVE keys of an allow-list and nothing else; once it has stopped nobody is admitted any more.
public final class AccessGate: Sendable, Equatable {
    /// Somebody who was not admitted.
    public struct Refusal: Sendable, Equatable {
        /// The key that it showed, or the mechanism that it came with in place of CURVE.
        public let key: String
        /// Its address, without a port: ZAP tells no more.
        public let address: String
        /// How many times this key was refused so far, this time included; 0 of a key beyond `maximumKeys`.
        public let count: Int
    }

    /// Who came.
    public struct Counts: Sendable, Equatable {
        /// Connections admitted, by the name of their key.
        public var admitted: [String: Int] = [:]
        /// Connections refused, all together.
        public var refused = 0
        /// Connections refused, by key (or mechanism); at most `maximumKeys`, further ones are in `refused` only.
        public var refusedKeys: [String: Int] = [:]
    }

    /// Keys whose refusals are counted one by one.
    public static let maximumKeys = 256

    private let desk: Desk
    private let stopSignal = StopSignal()
    private let thread: JoinableThread

    /// Begins to answer. A context has at most one gate.
    ///
    /// - Parameters:
    ///   - refresh: is asked before each decision and each second for a newer list; nil keeps the one in use.
    ///   - onRefusal: is told of each refusal, on the gate's thread.
    public init(
        context: Context, allowList: AllowList, refresh: @escaping @Sendable () -> AllowList? = { nil },
        onRefusal: @escaping @Sendable (Refusal) -> Void = { _ in }
    ) throws(ZeroMQError) {
        let socket = try ZAPSocket(context: context)
        let desk = Desk(allowList, refresh: refresh, onRefusal: onRefusal)
        self.desk = desk
        thread = JoinableThread(name: "access") { [stopSignal] in
            socket.answer(unless: stopSignal) { desk.decide($0) }
        }
    }

    deinit { stop() }

    public var counts: Counts { desk.state.withLock { $0.counts } }

    /// The list in use.
    public var allowList: AllowList { desk.state.withLock { $0.list } }

    /// Answers no more: from now on nobody is admitted.
    public func stop() {
        stopSignal.raise()
        thread.join()
    }

    public static func == (one: AccessGate, other: AccessGate) -> Bool { one === other }
}

/// Where the gate's thread looks things up.
private final class Desk: Sendable {
    struct State: Sendable {
        var list: AllowList
        var counts = AccessGate.Counts()
    }

    let state: Mutex<State>
    private let refresh: @Sendable () -> AllowList?
    private let onRefusal: @Sendable (AccessGate.Refusal) -> Void

    init(
        _ list: AllowList, refresh: @escaping @Sendable () -> AllowList?,
        onRefusal: @escaping @Sendable (AccessGate.Refusal) -> Void
    ) {
        state = Mutex(State(list: list))
        self.refresh = refresh
        self.onRefusal = onRefusal
    }

    /// The name of whom is admitted; nil refuses. Without a request it only looks for a newer list.
    func decide(_ request: ZAPRequest?) -> String? {
        if let newer = refresh() { state.withLock { $0.list = newer } }
        guard let request else { return nil }
        let key = request.curveKey
        let (name, refusal) = state.withLock { state -> (String?, AccessGate.Refusal?) in
            if request.domain == SocketSecurity.domain, let key, let name = state.list.name(of: key) {
                state.counts.admitted[name, default: 0] += 1
                return (name, nil)
            }
            let shown = key?.text ?? "(\(request.mechanism.isEmpty ? "no mechanism" : request.mechanism))"
            state.counts.refused += 1
            if state.counts.refusedKeys[shown] != nil || state.counts.refusedKeys.count < AccessGate.maximumKeys {
                state.counts.refusedKeys[shown, default: 0] += 1
            }
            let count = state.counts.refusedKeys[shown] ?? 0
            return (nil, AccessGate.Refusal(key: shown, address: request.address, count: count))
        }
        if let refusal { onRefusal(refusal) }
        return name
    }
}
