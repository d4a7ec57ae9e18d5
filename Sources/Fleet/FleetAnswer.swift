import Foundation

/// What a worker says of a part: a line of JSON, and behind it the verdict where there is one.
public struct FleetAnswer: Sendable, Equatable {
    public static let schema = "fleet-answer/1"

    public enum Content: Sendable, Equatable {
        /// JSON of `verdict/1`, without the journal's number.
        case verdict([UInt8])
        /// It was not scored, as what it came with is not whole: the line may send it again.
        case returned(String)
        /// So many workers began with it, and none said a word.
        case abandoned(deaths: Int)
    }

    public var resultID: String
    public var worker: String
    public var content: Content
    /// Whether the worker sends what is to be seen of the part too, as a `CloudMessage`.
    public var hasCloud: Bool

    public init(resultID: String, worker: String, content: Content, hasCloud: Bool = false) {
        self.hasCloud = hasCloud
        self.resultID = resultID
        self.worker = worker
        self.content = content
    }

    private enum Kind: String, Codable { case verdict, returned, abandoned }

    private struct Head: Codable {
        var schema: String
        var resultID: String
        var worker: String
        var kind: Kind
        var reason: String?
        var deaths: Int?
        var hasCloud: Bool?

        enum CodingKeys: String, CodingKey {
            case schema, worker, kind, reason, deaths
            case resultID = "result_id"
            case hasCloud = "has_cloud"
        }
    }

    public func encoded() throws(FleetError) -> [UInt8] {
        var head = Head(schema: Self.schema, resultID: resultID, worker: worker, kind: .verdict)
        var body: [UInt8] = []
        switch content {
        case .verdict(let json): (body, head.hasCloud) = (json, hasCloud ? true : nil)
        case .returned(let reason): (head.kind, head.reason) = (.returned, reason)
        case .abandoned(let deaths): (head.kind, head.deaths) = (.abandoned, deaths)
        }
        return try fleetJSON(head, "an answer") + [UInt8(ascii: "\n")] + body
    }

    public init(_ bytes: [UInt8]) throws(FleetError) {
        let end = bytes.prefix(65_536).firstIndex(of: UInt8(ascii: "\n")) ?? 0
        let head: Head
        do {
            head = try JSONDecoder().decode(Head.self, from: Data(bytes[..<end]))
        } catch {
            throw FleetError("expected an answer of schema \(Self.schema), found \(bytes.count) bytes that are none")
        }
        guard head.schema == Self.schema else {
            throw FleetError(
                "expected an answer of schema \(Self.schema), found \"\(head.schema.prefix(40))\": run one version of "
                    + "scanward everywhere")
        }
        resultID = head.resultID
        worker = String(head.worker.prefix(128))
        hasCloud = head.hasCloud ?? false
        let body = bytes[(end + 1)...]
        switch head.kind {
        case .verdict:
            guard !body.isEmpty else { throw FleetError("expected a verdict behind the answer's head, found nothing") }
            content = .verdict(Array(body))
        case .returned: content = .returned(String((head.reason ?? "no reason was said").prefix(500)))
        case .abandoned: content = .abandoned(deaths: head.deaths ?? 0)
        }
    }
}
