extension FrameHeader {
    /// Begins the sessions of frames that were sent once more from a recording, so that verdicts on them say so.
    public static let replayMark = "replay:"

    /// Whether the frame was sent once more from a recording.
    public var isReplayed: Bool { session.hasPrefix(Self.replayMark) }

    /// A header's JSON with `mark` before its session, which is cut at 64 characters; every other byte stays as it is.
    ///
    /// - Returns: `json` itself where it is no header with a session: it will be refused all the same.
    /// - Complexity: O(bytes).
    public static func marking(session mark: String, in json: [UInt8]) -> [UInt8] {
        var scanner = JSONScanner(json)
        guard let members = try? scanner.scanObject(),
            let member = members.first(where: { $0.name == "session" }), case .string(let session) = member.value.kind
        else { return json }
        var marked = String.UnicodeScalarView()
        marked.append(contentsOf: (mark + session).unicodeScalars.prefix(64))
        return json[..<member.value.range.lowerBound] + Array(JSONText.string(String(marked)).utf8)
            + json[member.value.range.upperBound...]
    }
}
