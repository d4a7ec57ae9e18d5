import FrameProtocol

/// The first words of the messages on the verdict socket, up to the space before their JSON.
///
///     verdict/1/<line>/<station>/<evaluation> {json}
///     heartbeat/1/<line>/<station> {json}
///
/// One part, so that a subscriber may filter by prefix and keep the last value only (ZMQ_CONFLATE).
public enum VerdictTopic: Sendable, Hashable {
    case verdict(Station, evaluation: String)
    case heartbeat(Station)

    /// A scanner station of a line.
    public struct Station: Sendable, Hashable, Comparable, CustomStringConvertible {
        public let line: String
        public let station: String

        public init(line: String, station: String) {
            self.line = line
            self.station = station
        }

        public var description: String { "\(line)/\(station)" }

        public static func < (one: Station, other: Station) -> Bool {
            (one.line, one.station) < (other.line, other.station)
        }
    }

    static let verdictPrefix = "verdict/1/"
    static let heartbeatPrefix = "heartbeat/1/"

    /// The topic as sent, without the space behind it.
    public var text: String {
        switch self {
        case .verdict(let station, let evaluation): "\(Self.verdictPrefix)\(station)/\(evaluation)"
        case .heartbeat(let station): "\(Self.heartbeatPrefix)\(station)"
        }
    }

    public var station: Station {
        switch self {
        case .verdict(let station, _), .heartbeat(let station): station
        }
    }

    /// Takes a message apart into its topic and its JSON; nil if it is neither kind.
    static func split(_ message: [UInt8]) -> (topic: VerdictTopic, json: ArraySlice<UInt8>)? {
        guard let space = message.prefix(1024).firstIndex(of: UInt8(ascii: " ")) else { return nil }
        let words = String(decoding: message[..<space], as: UTF8.self)
            .split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let json = message[(space + 1)...]
        guard words.count >= 4, words[1] == "1" else { return nil }
        let station = Station(line: words[2], station: words[3])
        switch (words[0], words.count) {
        case ("verdict", 5): return (.verdict(station, evaluation: words[4]), json)
        case ("heartbeat", 4): return (.heartbeat(station), json)
        default: return nil
        }
    }

    /// Whether `name` can stand in a topic: a scanner's rule, 1 to 64 of `A-Z a-z 0-9 . _ -`.
    public static func isName(_ name: String) -> Bool { FrameHeader.isSource(name) }

    static func check(_ what: String, _ name: String) throws(PublishingError) {
        guard isName(name) else {
            throw PublishingError(
                code: .invalidName,
                message: "\(what) \"\(name)\" cannot stand in a topic: expected 1 to 64 of A-Z a-z 0-9 . _ -")
        }
    }
}
