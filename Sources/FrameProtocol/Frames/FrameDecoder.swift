/// Reads `pcf/1` messages: three parts in, a frame or a named refusal out. Nothing is guessed at.
///
/// A pure function of its input, so one decoder may serve any number of threads.
public struct FrameDecoder: Sendable {
    public let limits: FrameLimits

    public init(limits: FrameLimits = FrameLimits()) { self.limits = limits }

    /// Decodes one message.
    ///
    /// - Parameters:
    ///   - parts: topic, header, points; a fourth and later ones are counted and ignored.
    ///   - discardedBytes: bytes of the message that whoever received it did not keep, as it passed a limit.
    /// - Throws: `FrameRefusal`, with the identity as far as it could be read.
    /// - Complexity: O(bytes). Allocates nothing on the header's word alone: points take at most 16 bytes for each
    ///   record that is really there.
    public func decode(parts: [[UInt8]], discardedBytes: Int = 0) throws(FrameRefusal) -> Frame {
        try checkParts(parts, discardedBytes)
        var identity = Identity()
        identity.source = try FrameTopic.source(of: parts[0])
        do {
            return try decode(parts, identity: &identity)
        } catch {
            throw FrameRefusal(
                reason: error.reason, message: error.message, source: identity.source, session: identity.session,
                partID: identity.partID, seq: identity.seq)
        }
    }

    /// What a refusal can say about the frame that it refuses.
    private struct Identity {
        var source: String?
        var session: String?
        var partID: String?
        var seq: UInt64?
    }

    private func decode(_ parts: [[UInt8]], identity: inout Identity) throws(FrameRefusal) -> Frame {
        let members = try scan(parts[1], identity: &identity)
        var unknownKeys: [String] = []
        let header = try FrameHeader(members, json: parts[1], unknown: &unknownKeys)
        guard header.source == identity.source else {
            throw FrameRefusal(
                .topicMismatch, in: "header key \"source\"",
                expected: "the topic's source \(quoted(identity.source ?? ""))", found: quoted(header.source),
                advice: "make the topic pcf/1/ + source")
        }
        try header.validate()
        guard Int(header.points) <= limits.points else {
            throw FrameRefusal(
                .tooManyPoints, in: "header key \"points\"", expected: "at most \(limits.points)",
                found: "\(header.points)", advice: "split the scan into several frames of one part")
        }
        // Two 32-bit numbers: their product fits.
        let announced = UInt64(header.points) * UInt64(header.pointStep)
        guard announced == UInt64(parts[2].count) else {
            throw FrameRefusal(
                .sizeMismatch, in: "points (part 2)",
                expected: "points * point_step = \(header.points) * \(header.pointStep) = \(announced) bytes",
                found: "\(parts[2].count)", advice: "send the array that the header describes, contiguous")
        }
        let checksum = Checksum.crc32(parts[2])
        guard checksum == header.crc32 else {
            throw FrameRefusal(
                .checksumMismatch, in: "points (part 2)", expected: "crc32 \(header.crc32) as the header says",
                found: "\(checksum)",
                advice: "compute zlib.crc32 over exactly the bytes sent; if it does, they were damaged on the way")
        }
        let records = PointRecords(parts[2], header: header)
        return Frame(
            header: header, points: records.points, intensities: records.intensities,
            droppedNonFinite: records.droppedNonFinite, unknownKeys: unknownKeys, ignoredParts: parts.count - 3)
    }

    private func checkParts(_ parts: [[UInt8]], _ discardedBytes: Int) throws(FrameRefusal) {
        let bytes = parts.reduce(discardedBytes) { $0 + $1.count }
        let source = parts.first.flatMap { try? FrameTopic.source(of: $0) }
        // A part that is not there because the message was too large is not one that was not sent.
        guard parts.count >= 3 || discardedBytes > 0 else {
            throw FrameRefusal(
                reason: .tooFewParts,
                message: "message: expected 3 parts (topic, header, points), found \(parts.count) of \(bytes) bytes; "
                    + "send them as one multipart message (pyzmq: send_multipart), or have bare arrays taken (--array-source)",
                source: source)
        }
        guard bytes <= limits.frameBytes, parts.count >= 3 else {
            let kept = discardedBytes > 0 ? ", of which \(bytes - discardedBytes) were taken in" : ""
            throw FrameRefusal(
                reason: .frameTooLarge,
                message: "message: expected at most \(limits.frameBytes) bytes, found \(bytes)\(kept); "
                    + "split the scan into several frames of one part, or raise the limit",
                source: source)
        }
    }

    private func scan(_ header: [UInt8], identity: inout Identity) throws(FrameRefusal) -> [JSONMember] {
        guard header.count <= limits.headerBytes else {
            throw FrameRefusal(
                .headerTooLarge, in: "header (part 1)", expected: "at most \(limits.headerBytes) bytes",
                found: "\(header.count)", advice: "move bulky data out of \"user\"")
        }
        var scanner = JSONScanner(header)
        do {
            let members = try scanner.scanObject()
            identify(members, except: nil, in: &identity)
            return members
        } catch {
            identify(scanner.outermostMembers, except: error.duplicateKey, in: &identity)
            throw FrameRefusal(
                reason: error.duplicateKey == nil ? .malformedHeader : .duplicateKey,
                message: "header (part 1), byte \(error.offset): \(error.message); "
                    + "send one strict JSON object in UTF-8 (Python: json.dumps(header, allow_nan=False).encode())")
        }
    }

    /// Notes who sent the frame, from whatever members there are. The source stays the topic's: it is what
    /// subscribers filter on, and where header and topic disagree, neither is to be trusted more.
    private func identify(_ members: [JSONMember], except ambiguous: String?, in identity: inout Identity) {
        for member in members where member.name != ambiguous {
            switch member.name {
            case "session": identity.session = member.value.name(of: 1...64)
            case "part_id": identity.partID = member.value.name(of: 1...128)
            case "seq": identity.seq = member.value.uint64
            default: break
            }
        }
    }
}
