import Ingest
import ZeroMQ

/// Why nothing arrives, as far as the sockets tell.
enum ConnectionSentence {
    /// What is waited for at `endpoint`, in one sentence with what to do.
    static func waiting(
        _ counts: ConnectionWatch.Counts, mode: ZeroMQFrameSource.Mode, at endpoint: String, usesCurve: Bool = false
    ) -> String {
        if counts.refusedTotal > 0, counts.current == 0 || counts.greeted == 0, let refusal = counts.lastRefusal {
            return "\(counts.refusedTotal) times a peer at \(endpoint) \(refusal): "
                + advice(refusal, mode, usesCurve: usesCurve)
        }
        if counts.greeted > 0, counts.current > 0 {
            let count = counts.current
            return
                "connected (\(count) connection\(count == 1 ? "" : "s") at \(endpoint)), and nothing is sent: is the scanner "
                + "scanning, and does it send pcf/1 messages?"
        }
        if counts.greeted > 0 {
            return "nobody is connected at \(endpoint) any more: the scanner's program has ended, or the network has"
        }
        if counts.opened > 0, counts.current > 0 {
            return
                "a connection at \(endpoint) stands, and its handshake does not end: does the peer speak ZeroMQ, and do both "
                + "sides use CURVE or neither?"
        }
        if case .connect = mode {
            return "nobody listens at \(endpoint)\(counts.retried > 0 ? " (\(counts.retried) attempts)" : ""): is the "
                + "scanner's program running, is that its address, and does a firewall stand between?"
        }
        return
            "no scanner has connected to \(endpoint): is its program running, and does it connect (PUSH) to this address?"
    }

    static func advice(
        _ refusal: ConnectionRefusal, _ mode: ZeroMQFrameSource.Mode, usesCurve: Bool = false
    ) -> String {
        let isServer = if case .bind = mode { true } else { false }
        switch refusal {
        // libzmq hangs up on whoever encrypts for another key, and says nothing.
        case .hungUp where usesCurve && !isServer:
            return "--server-key is not the public key of this peer, or it is no ZeroMQ"
        case .hungUp, .slowGreeting: return "something else than ZeroMQ is at the other end"
        case .notAdmitted:
            return isServer
                ? "its key is not on the allow-list: `scanward keys allow NAME KEY --allow-list FILE`"
                : "the peer does not admit our key: put it on the peer's list"
        case .brokeProtocol("mechanism mismatch"):
            return isServer
                ? "we use CURVE and it does not, or the other way round: give both sides keys, or neither"
                : "one side uses CURVE: give --curve-secret and --server-key, or leave them out"
        case .brokeProtocol(let name) where name.hasPrefix("cryptographic"):
            return isServer
                ? "it has another public key of ours: give the scanner the one of `scanward keys generate`"
                : "--server-key is not the public key of this peer"
        case .brokeProtocol: return "its ZeroMQ library may be too old, or it is none"
        }
    }
}
