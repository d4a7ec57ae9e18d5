public import FrameProtocol

/// One message that came: a frame, or why it is none.
public struct FrameEvent: Sendable {
    public enum Content: Sendable {
        case frame(Frame)
        case refused(FrameRefusal)
    }

    public let content: Content
    /// Bytes of the message, all parts together.
    public let bytes: Int
    /// When it came, in ns: of the monotonic clock less `heldBack`, or for a recording of its own time, which never goes
    /// back.
    public let time: UInt64
    /// For how long its source had been held back by then (`FrameSource.heldBack`).
    public let heldBack: UInt64
    /// When it came (or was recorded), ns since the Unix epoch.
    public let unixNanoseconds: UInt64

    public init(content: Content, bytes: Int, time: UInt64, unixNanoseconds: UInt64, heldBack: UInt64 = 0) {
        self.content = content
        self.bytes = bytes
        self.time = time
        self.heldBack = heldBack
        self.unixNanoseconds = unixNanoseconds
    }

    /// Decodes a message that came at `time`, without the `discardedBytes` of it that passed a limit of the socket's.
    init(
        parts: [[UInt8]], discardedBytes: Int = 0, decoder: FrameDecoder, time: UInt64, unixNanoseconds: UInt64,
        heldBack: UInt64 = 0
    ) {
        let content: Content
        do throws(FrameRefusal) {
            content = .frame(try decoder.decode(parts: parts, discardedBytes: discardedBytes))
        } catch {
            content = .refused(error)
        }
        self.init(
            content: content, bytes: parts.reduce(discardedBytes) { $0 + $1.count }, time: time,
            unixNanoseconds: unixNanoseconds, heldBack: heldBack)
    }

    /// Who sent it, as far as that could be read.
    public var source: String? {
        switch content {
        case .frame(let frame): frame.header.source
        case .refused(let refusal): refusal.source
        }
    }

    /// Bytes that it holds on to in memory, about.
    var cost: Int {
        guard case .frame(let frame) = content else { return 1024 }
        return 1024 + frame.points.count * MemoryLayout<SIMD3<Float>>.stride + (frame.intensities?.count ?? 0) * 4
    }
}
