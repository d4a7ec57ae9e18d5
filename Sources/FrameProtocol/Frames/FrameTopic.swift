/// Part 0 of a message: `pcf/1/<source>`.
enum FrameTopic {
    /// The source that a topic names.
    static func source(of topic: [UInt8]) throws(FrameRefusal) -> String {
        let text = String(decoding: topic.prefix(128), as: UTF8.self)
        let pieces = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        if topic.count <= 128, pieces.count == 3, pieces[0] == "pcf", FrameHeader.isSource(String(pieces[2])) {
            if pieces[1] == "1" { return String(pieces[2]) }
            if !pieces[1].isEmpty, pieces[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
                throw FrameRefusal(
                    reason: .unknownSchema,
                    message: "topic (part 0): expected \(FrameHeader.schema)/<source>, found \(quoted(text)); "
                        + "set the publisher to version 1, or use a monitor that reads its version",
                    source: String(pieces[2]))
            }
        }
        throw FrameRefusal(
            .malformedTopic, in: "topic (part 0)",
            expected: "\(FrameHeader.schema)/<source>, the source \(FrameHeader.sourceRule)",
            found: topic.isEmpty ? "an empty part" : quoted(text),
            advice: "send the topic as the first part (pyzmq: send_multipart([topic, header, points]))")
    }
}
