/// Which frame a message was, as far as its topic and header tell.
public struct FrameIdentity: Sendable, Equatable, CustomStringConvertible {
    public var source: String?
    public var session: String?
    public var seq: UInt64?
    public var partID: String?
    public var frameIndex: UInt32?

    /// Reads what can be read of a message's first parts; nothing of it is checked against the points.
    public init(parts: [[UInt8]]) {
        source = parts.first.flatMap { try? FrameTopic.source(of: $0) }
        guard parts.count > 1, source != nil, parts[1].count <= 64 << 10 else { return }
        var scanner = JSONScanner(parts[1])
        for member in (try? scanner.scanObject()) ?? [] {
            switch member.name {
            case "session": session = member.value.name(of: 1...64)
            case "seq": seq = member.value.uint64
            case "part_id": partID = member.value.name(of: 1...128)
            case "frame_index": frameIndex = member.value.uint32
            default: break
            }
        }
    }

    /// `frame 3 of part "P-1" (scanner-a, seq 17)`.
    public var description: String {
        guard let source else { return "a message whose topic is not known" }
        guard let partID, let seq else { return "a frame of \(source)" }
        return "frame \(frameIndex.map { "\($0) " } ?? "")of part \(quoted(partID)) (\(source), seq \(seq))"
    }
}
