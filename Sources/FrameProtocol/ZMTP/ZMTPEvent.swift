/// What a decoder found in one direction of a connection.
public enum ZMTPEvent: Sendable, Equatable {
    case greeting(ZMTPGreeting)
    case command(ZMTPCommand)
    /// A whole message, its parts in order.
    case message(parts: [[UInt8]])
    /// One message that was begun and will not come: bytes of it were missing, or it passed a limit.
    case messageLost(ZMTPLostMessage)
    /// The place of the next frame became unknown, for the reason that the fault before this names or because of a
    /// gap; decoding goes on at the next `pcf/1` topic, and what lies between is lost.
    case stateLost
    /// A `pcf/1` topic was found again after `skippedBytes`.
    case resynchronized(skippedBytes: UInt64)
    case fault(ZMTPFault)
}

/// What is known of a message that will not come.
public struct ZMTPLostMessage: Sendable, Equatable {
    /// Its first parts, as far as they were there whole: at most two, of at most 64 KiB. Of a frame, topic and header,
    /// which tell which one it was.
    public var parts: [[UInt8]]

    public init(parts: [[UInt8]] = []) { self.parts = parts }
}

/// What is wrong with a stream.
public struct ZMTPFault: Error, Sendable, Equatable {
    public enum Code: String, Sendable, CaseIterable {
        /// The connection does not begin with a greeting. Nothing of it is decoded.
        case notZMTP
        /// ZMTP 2 or older. Nothing of it is decoded.
        case unsupportedVersion
        /// Reserved flag bits are set, or a command has MORE.
        case invalidFlags
        case frameTooLarge
        case messageTooLarge
        case tooManyParts
        case commandTooLarge
        /// A command whose body is not what its name requires. The stream goes on.
        case malformedCommand
    }

    public var code: Code
    /// Bytes of the stream before the fault, gaps included.
    public var offset: UInt64
    /// What was expected, what was found, what to do.
    public var message: String

    public init(code: Code, offset: UInt64, message: String) {
        self.code = code
        self.offset = offset
        self.message = message
    }
}

/// The largest things that are put together.
public struct ZMTPLimits: Sendable, Equatable {
    /// Bytes of one frame (part) of a message.
    public var frameBytes: Int
    /// Bytes of all parts of a message.
    public var messageBytes: Int
    public var parts: Int
    public var commandBytes: Int

    public init(
        frameBytes: Int = 64 << 20, messageBytes: Int = 65 << 20, parts: Int = 64, commandBytes: Int = 64 << 10
    ) {
        self.frameBytes = frameBytes
        self.messageBytes = messageBytes
        self.parts = parts
        self.commandBytes = commandBytes
    }

    /// A frame too large is passed over by its announced size up to here; a size beyond is not believed.
    var believableBytes: UInt64 { UInt64(max(0, frameBytes)) &* 4 }
}
