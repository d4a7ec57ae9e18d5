import Foundation
import FrameProtocol

/// What comes back on the replay socket: verdicts as they were published, and then one of these.
///
///     end/1/<line>/<station> {"epoch": ..., "first": ..., "head": ..., "from": ..., "next": ...}
///     acknowledged/1/<line>/<station> {"epoch": ..., "consumer": ..., "seq": ...}
///     refused/1/<line>/<station> {"reason": ..., "message": ..., "epoch": ..., "first": ..., "head": ...}
enum ReplayAnswer: Equatable {
    case verdict(StoredVerdict)
    case end(Fields)
    case acknowledged(Fields)
    case refused(Fields)

    /// The JSON of an answer that is no verdict; which members are there depends on its kind.
    struct Fields: Codable, Equatable {
        var schema = "replay/1"
        var epoch: String?
        var first: UInt64?
        var head: UInt64?
        /// Where the verdicts asked for begin, whether or not they are still kept.
        var from: UInt64?
        /// Where to go on.
        var next: UInt64?
        var consumer: String?
        var seq: UInt64?
        var reason: String?
        var message: String?
        var tag: String?

        init(_ extent: VerdictExtent? = nil, tag: String? = nil) {
            epoch = extent?.epoch
            first = extent?.first
            head = extent?.head
            self.tag = tag
        }
    }

    /// The message, without its envelope.
    func message(from station: VerdictTopic.Station) -> [UInt8] {
        let word: String, fields: Fields
        switch self {
        case .verdict(let verdict): return verdict.message
        case .end(let end): (word, fields) = ("end", end)
        case .acknowledged(let acknowledged): (word, fields) = ("acknowledged", acknowledged)
        case .refused(let refused): (word, fields) = ("refused", refused)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and whole numbers alone: they can always be written.
        let json = (try? encoder.encode(fields)).map { [UInt8]($0) } ?? Array("{}".utf8)
        return Array("\(word)/1/\(station) ".utf8) + json
    }

    /// Takes a message apart; nil if it is no answer.
    static func parse(_ message: [UInt8]) -> ReplayAnswer? {
        if let (topic, json) = VerdictTopic.split(message), case .verdict(let station, let evaluation) = topic {
            struct Place: Decodable { let seq: UInt64 }
            guard let place = try? JSONDecoder().decode(Place.self, from: Data(json)) else { return nil }
            return .verdict(
                StoredVerdict(seq: place.seq, station: station, evaluation: evaluation, json: Array(json)))
        }
        guard let space = message.prefix(1024).firstIndex(of: UInt8(ascii: " ")),
            let fields = try? JSONDecoder().decode(Fields.self, from: Data(message[(space + 1)...]))
        else { return nil }
        let word = String(decoding: message[..<space], as: UTF8.self)
        if word.hasPrefix("end/1/") { return .end(fields) }
        if word.hasPrefix("acknowledged/1/") { return .acknowledged(fields) }
        if word.hasPrefix("refused/1/") { return .refused(fields) }
        return nil
    }
}
