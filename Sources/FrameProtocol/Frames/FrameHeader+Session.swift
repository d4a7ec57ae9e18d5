extension FrameHeader {
    /// Begins the sessions of frames that were sent once more from a recording, so that verdicts on them say so.
    public static let replayMark = "replay:"

    /// Whether the frame was sent once more from a recording.
    public var isReplayed: Bool { session.hasPrefix(Self.replayMark) }

    /// A header's JSON with `mark` before its session; every other byte stays as it is. A session that would be longer than
    /// 64 characters has `~` and a checksum of itself in place of its end, so that two long ones stay two.
    ///
    /// - Returns: `json` itself where it is no header with a session: it will be refused all the same.
    /// - Complexity: O(bytes).
    public static func marking(session mark: String, in json: [UInt8]) -> [UInt8] {
        var scanner = JSONScanner(json)
        guard let members = try? scanner.scanObject(),
            let member = members.first(where: { $0.name == "session" }), case .string(let session) = member.value.kind
        else { return json }
        let marked = shortened(mark + session)
        return json[..<member.value.range.lowerBound] + Array(JSONText.string(marked).utf8)
            + json[member.value.range.upperBound...]
    }

    private static func shortened(_ session: String) -> String {
        guard session.unicodeScalars.count > 64 else { return session }
        let digits = String(Checksum.crc32(Array(session.utf8)), radix: 16)
        let tail = "~" + String(repeating: "0", count: 8 - digits.count) + digits
        var result = String.UnicodeScalarView()
        result.append(contentsOf: session.unicodeScalars.prefix(64 - tail.count))
        result.append(contentsOf: tail.unicodeScalars)
        return String(result)
    }
}
