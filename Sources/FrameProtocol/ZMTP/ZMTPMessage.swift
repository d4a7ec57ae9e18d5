/// The parts of one message so far.
struct ZMTPMessage {
    private(set) var parts: [[UInt8]] = []
    private(set) var bytes = 0
    /// Something of it is missing or too large: it will not be passed on.
    private(set) var isSpoiled = false

    var isBegun: Bool { isSpoiled || !parts.isEmpty }

    /// Which limit a further frame of `size` bytes would pass, if any; nil too for a message already given up.
    func excess(ofFrame size: UInt64, _ limits: ZMTPLimits) -> (code: ZMTPFault.Code, message: String)? {
        if isSpoiled { return nil }
        if size > UInt64(limits.frameBytes) {
            return (
                .frameTooLarge,
                "expected a frame of at most \(limits.frameBytes) bytes, found \(size); raise the limit if it is wanted"
            )
        }
        if bytes + Int(size) > limits.messageBytes {
            return (
                .messageTooLarge,
                "expected a message of at most \(limits.messageBytes) bytes, found \(bytes) and a frame of \(size)"
            )
        }
        if parts.count >= limits.parts {
            return (.tooManyParts, "expected a message of at most \(limits.parts) parts, found one more")
        }
        return nil
    }

    mutating func append(_ part: [UInt8]) {
        guard !isSpoiled else { return }
        bytes += part.count
        parts.append(part)
    }

    /// Gives the message up. Small first parts are kept: they tell which one it was.
    mutating func spoil() {
        isSpoiled = true
        parts = Array(parts.prefix(2).prefix { $0.count <= Self.keptBytes })
        bytes = parts.reduce(0) { $0 + $1.count }
    }

    /// What is known of it, should it not come.
    var lost: ZMTPLostMessage {
        ZMTPLostMessage(parts: Array(parts.prefix(2).prefix { $0.count <= Self.keptBytes }))
    }

    private static let keptBytes = 64 << 10
}
