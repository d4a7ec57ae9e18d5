import Foundation
import Threads
import ZeroMQ

/// Where a fake scanner's messages go: PUSH to a monitor, or PUB for whoever subscribes.
final class FakeScannerSocket {
    enum Target: Sendable {
        /// PUSH, or PUB where a monitor binds SUB.
        case connect(String)
        /// PUB, as scanners do that publish.
        case bind(String)
    }

    private let socket: Socket
    private let watch: ConnectionWatch
    /// Where it listens, or what it connects to.
    let endpoint: String
    private let isPush: Bool

    init(_ target: Target, isPush: Bool, context: Context, security: SocketSecurity, allowInsecure: Bool) throws {
        var options = SocketOptions.frames
        options.security = security
        // What was sent is with the monitor before the command ends, if the monitor takes it at all.
        options.linger = .seconds(10)
        self.isPush = isPush
        // XPUB is PUB that tells of its subscribers.
        socket = try Socket(isPush ? .push : .xpub, context: context, options: options)
        watch = try socket.watchConnections()
        switch target {
        case .connect(let address):
            try socket.connect(address)
            endpoint = address
        case .bind(let address): endpoint = try socket.bind(address, allowInsecure: allowInsecure)
        }
    }

    /// Waits for somebody to send to; PUB would drop what it sends before.
    ///
    /// - Returns: false if `stop` was raised before.
    func waitForReader(unless stop: StopSignal) throws -> Bool {
        guard !isPush else { return true }
        return try waiting(unless: stop, for: "a subscriber at \(endpoint)") { deadline in
            guard let parts = try socket.receive(deadline: deadline, unless: stop) else { return false }
            return parts.first?.first == 1
        }
    }

    /// Sends a message, waiting while the monitor holds it back.
    ///
    /// - Returns: false if `stop` was raised before.
    func send(_ parts: [[UInt8]], unless stop: StopSignal) throws -> Bool {
        try waiting(unless: stop, for: "a monitor that takes frames at \(endpoint)") { deadline in
            try socket.send(parts, deadline: deadline, unless: stop)
        }
    }

    func close() { socket.close() }

    /// Tries until it is done, and says every 3 s what it waits for.
    private func waiting(
        unless stop: StopSignal, for what: String, _ attempt: (UInt64) throws -> Bool
    ) throws -> Bool {
        while !stop.isRaised {
            if try attempt(SystemClock().after(.seconds(3))) { return true }
            guard !stop.isRaised else { break }
            let counts = watch.snapshot
            let state =
                if counts.refusedTotal > 0, let refusal = counts.lastRefusal {
                    "; the peer \(refusal): " + ConnectionSentence.advice(refusal, .connect(endpoint))
                } else if counts.current > 0 {
                    counts.greeted > 0 ? "; it is connected, and holds us back" : "; the handshake does not end"
                } else {
                    "; nobody is there (\(counts.retried) attempts)"
                }
            Terminal.error("scanward: waiting for \(what)\(state)")
        }
        return false
    }
}
