/// Streams, subjects and consumers of a fleet.
///
/// Everything of a line has the line's name as its last token, or the one before a result id: so a stream is partitioned by
/// line, and an account may be restricted to its own.
public enum FleetNames {
    /// Parts that wait for a worker: a work queue, in which a message goes with its acknowledgement.
    public static let parts = "SCANWARD_PARTS"
    /// Clouds that are larger than a message may be.
    public static let chunks = "SCANWARD_CHUNKS"
    /// Models by SHA-256.
    public static let models = "SCANWARD_MODELS"
    /// What workers found, on the way to the line that asked.
    public static let answers = "SCANWARD_ANSWERS"
    /// What is to be seen of scored parts, on the way to their lines.
    public static let clouds = "SCANWARD_CLOUDS"
    /// What lines journalled, on the way to the hub.
    public static let verdicts = "SCANWARD_VERDICTS"
    /// Parts that no worker survives.
    public static let dead = "SCANWARD_DEAD"
    /// Which parts workers began with.
    public static let began = "SCANWARD_BEGAN"
    /// The last report of each worker.
    public static let workers = "SCANWARD_WORKERS"

    public static let all = [parts, chunks, models, answers, clouds, verdicts, dead, began, workers]

    public static func part(of line: String) -> String { "scanward.part.\(token(line))" }
    public static func answer(to line: String) -> String { "scanward.answer.\(token(line))" }
    public static func verdict(of line: String) -> String { "scanward.verdict.\(token(line))" }
    public static func dead(of line: String) -> String { "scanward.dead.\(token(line))" }
    /// One message for each worker that began with a part.
    public static func began(_ resultID: String, of line: String) -> String {
        "scanward.began.\(token(line)).\(token(resultID))"
    }
    /// `Nats-Msg-Id` of what belongs to a line's part: two lines may play the same recording, and each waits for its own verdicts.
    public static func message(_ resultID: String, of line: String) -> String { "\(resultID).\(token(line))" }
    /// Who has the line.
    public static func owner(of line: String) -> String { "scanward.owner.\(token(line))" }
    public static func worker(_ id: String) -> String { "scanward.worker.\(token(id))" }

    public static func chunk(_ index: Int, of resultID: String, line: String) -> String {
        "scanward.chunk.\(token(line)).\(token(resultID)).\(index)"
    }

    public static func cloud(of line: String) -> String { "scanward.cloud.\(token(line))" }
    /// Those of all lines, without their pieces.
    public static let everyCloud = "scanward.cloud.*"

    public static func cloudPiece(_ index: Int, of resultID: String, line: String) -> String {
        "scanward.cloud.\(token(line)).\(token(resultID)).\(index)"
    }

    /// All pieces of a part's cloud.
    public static func cloudPieces(of resultID: String, line: String) -> String {
        "scanward.cloud.\(token(line)).\(token(resultID)).*"
    }

    /// Tells workers that there is a part, and nothing else: kept by no stream.
    public static let call = "scanward.call"

    /// All chunks of a part.
    public static func chunks(of resultID: String, line: String) -> String {
        "scanward.chunk.\(token(line)).\(token(resultID)).*"
    }

    /// A file of a model, or a piece of one.
    public static func model(_ id: String, _ file: String, _ index: Int) -> String {
        "scanward.model.\(token(id)).\(token(file)).\(index)"
    }

    /// The last thing that is stored of a model: with it all of it is there.
    public static func modelEnd(_ id: String) -> String { "scanward.model.\(token(id)).end" }

    /// The consumer of a line's parts, answers or clouds.
    public static func consumer(of line: String) -> String { "line_\(token(line))" }

    /// The consumer of the hub, of verdicts and, if it has a dashboard, of clouds.
    public static let hub = "hub"

    /// The line of a consumer; nil for one of something else.
    public static func line(ofConsumer name: String) -> String? {
        name.hasPrefix("line_") ? text(String(name.dropFirst(5))) : nil
    }

    /// `text` as one token of a subject: letters, digits and `-` stay, other bytes become `_` and two hexadecimal digits.
    public static func token(_ text: String) -> String {
        text.utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                String(UnicodeScalar(byte))
            default: "_" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    /// What `token` was made of; nil if it is none.
    public static func text(_ token: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(token.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "_") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(bytes: rest.prefix(2), encoding: .ascii), digits.count == 2,
                let value = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(bytes: bytes, encoding: .utf8)
    }
}
