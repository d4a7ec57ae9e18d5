/// One frame on its way in: what its header says, and the bytes of its body so far.
struct ZMTPFrame {
    var hasMore = false
    var isCommand = false
    /// Bytes of the body still to come.
    var remaining: UInt64 = 0
    /// Whether the body is of use; else it is only passed over.
    var isKept = true
    var body: [UInt8] = []

    private var size: UInt64 = 0

    init() {}

    /// The frame that `header` announces; nil while the header is not complete.
    ///
    /// - Precondition: the flags are valid.
    init?(header: [UInt8]) {
        guard let flags = header.first else { return nil }
        let isLong = flags & 2 != 0
        guard header.count >= (isLong ? 9 : 2) else { return nil }
        hasMore = flags & 1 != 0
        isCommand = flags & 4 != 0
        size = isLong ? header[1...8].reduce(0) { $0 << 8 | UInt64($1) } : UInt64(header[1])
        remaining = size
    }

    /// Bits 3 to 7 are reserved, and a command has no MORE.
    static func areValid(flags: UInt8) -> Bool { flags & 0xF8 == 0 && flags & 5 != 5 }

    /// Appends to the body. Memory grows to at most four times what has really come, and never beyond the announced
    /// size: a large frame is copied little, a false size reserves nothing.
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        let needed = body.count + bytes.count
        if needed > body.capacity {
            body.reserveCapacity(Int(min(size, UInt64(max(needed * 4, 4096)))))
        }
        body.append(contentsOf: bytes)
    }
}
