import FrameProtocol
package import Threads
import ZeroMQ

/// A scanner of small parts: one PUSH socket, one session.
package final class FrameSender {
    private let context: Context
    private let socket: Socket
    private let source: String
    private let session: String
    /// JSON that goes through to the verdict.
    private let user: String?
    private var seq: UInt64 = 0
    private let points: [SIMD3<Float>] = (0..<50).map { SIMD3(Float($0), Float($0 % 10), 0) }

    package init(to endpoint: String, source: String = "scanner-t", session: String = "s1", user: String? = nil) throws
    {
        context = try Context()
        self.user = user
        self.source = source
        self.session = session
        var options = SocketOptions.frames
        options.linger = .zero
        options.reconnectInterval = .milliseconds(10)
        options.reconnectIntervalMaximum = .milliseconds(50)
        socket = try Socket(.push, context: context, options: options)
        try socket.connect(endpoint)
    }

    /// Sends one frame of a part of a type that no model is taught for, or of `type`.
    ///
    /// - Returns: false if the monitor did not take it by `deadline`.
    @discardableResult
    package func send(
        part: String, frame: UInt32 = 0, end: Bool = true, type: String = "unheard-of", points: [SIMD3<Float>]? = nil,
        deadline: UInt64? = nil, unless stop: StopSignal? = nil
    ) throws -> Bool {
        var header = FrameHeader(
            source: source, session: session, seq: seq, partID: part, frameIndex: frame, endOfPart: end,
            captureNanoseconds: 1_000_000 + seq)
        header.partType = type
        header.user = user
        let message = try FrameEncoder().encode(header, points: points ?? self.points)
        guard try socket.send(message, deadline: deadline, unless: stop) else { return false }
        seq += 1
        return true
    }

    /// Leaves; what is not with the monitor yet is dropped.
    package func close() {
        socket.close()
        context.terminate()
    }
}
