import NATSTransport
import ZeroMQ

/// What a key's value may be.
public enum ValueKind: Sendable, Equatable {
    /// Letters, digits, `.`, `_` and `-`.
    case label
    /// A name of any printable characters.
    case text
    /// Several of these.
    case names
    case endpoint, endpointOrNone, endpoints
    /// `HOST:PORT`, or none.
    case addressOrNone
    case path, paths
    /// Of NATS.
    case servers
    /// Public keys, or key files that hold them.
    case curveKeys
    /// Both ends excluded.
    case number(above: Double, below: Double)
    case whole(ClosedRange<Int>)
    case flag
    /// One of a few words.
    case choice([String])

    /// Whether it may be several values.
    public var isList: Bool { [.endpoints, .paths, .curveKeys, .names, .servers].contains(self) }

    /// Whether its values are places in the file system.
    public var isPath: Bool { [.path, .paths].contains(self) }

    /// What is allowed, to stand behind "expected".
    public var expectation: String {
        switch self {
        case .label: "1 to 64 letters, digits, '.', '_' and '-'"
        case .text: "a name of 1 to 128 printable characters"
        case .names: "a name, or a list of them, each of 1 to 128 printable characters"
        case .endpoint: "an endpoint such as tcp://127.0.0.1:5600 or ipc:///run/scanward/frames"
        case .endpointOrNone: "an endpoint such as tcp://127.0.0.1:5601 or ipc:///run/scanward/verdicts, or none"
        case .endpoints: "endpoints such as [tcp://10.0.0.5:5600, tcp://10.0.0.6:5600]"
        case .addressOrNone: "HOST:PORT such as 127.0.0.1:8088, or none"
        case .path: "a path"
        case .paths: "a path, or a list of them"
        case .servers: "nats://HOST:PORT or tls://HOST:PORT, or a list of them"
        case .curveKeys: "a public key, a key file, or a list of them"
        case .number(let above, let below): "a number above \(Self.text(above)) and below \(Self.text(below))"
        case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .flag: "true or false"
        case .choice(let words): "one of " + words.joined(separator: ", ")
        }
    }

    /// For tables: one or two words.
    public var title: String {
        switch self {
        case .label, .text: "name"
        case .names: "names"
        case .endpoint: "endpoint"
        case .endpointOrNone: "endpoint or none"
        case .endpoints: "endpoints"
        case .addressOrNone: "HOST:PORT or none"
        case .path: "path"
        case .paths: "paths"
        case .servers: "servers"
        case .curveKeys: "keys or key files"
        case .number: "number"
        case .whole: "whole number"
        case .flag: "true or false"
        case .choice(let words): words.joined(separator: ", ")
        }
    }

    /// Why `text` is none of these; nil if it is.
    public func refusal(of text: String) -> String? {
        var found = "found \(Self.quoted(text))"
        let isAllowed: Bool
        switch self {
        case .label:
            isAllowed =
                (1...64).contains(text.utf8.count)
                && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        case .text, .names:
            isAllowed = (1...128).contains(text.count) && text.unicodeScalars.allSatisfy(Self.isPrintable)
        case .endpoint, .endpoints: isAllowed = Endpoint.isEndpoint(text)
        case .endpointOrNone: isAllowed = text == "none" || Endpoint.isEndpoint(text)
        case .addressOrNone: isAllowed = text == "none" || HostAndPort(text) != nil
        case .servers:
            if let refusal = NATSConfiguration.refusal(of: text) { return refusal }
            isAllowed = true
        case .path, .paths, .curveKeys:
            isAllowed = (1...4095).contains(text.utf8.count) && text.unicodeScalars.allSatisfy(Self.isPrintable)
            // Whoever writes a key where its file belongs has told it to whoever reads the file; it is not told on.
            if self != .curveKeys, !text.contains("/"), CurveKey(text) != nil {
                return "expected a path, found what looks like a key: write it to a file of `scanward keys generate`"
            }
        case .number(let above, let below):
            isAllowed = Double(text).map { $0 > above && $0 < below } ?? false
        case .whole(let range):
            isAllowed = Int(text).map(range.contains) ?? false
            if Int(text) == nil, let number = Double(text), number.isFinite {
                found += ", which is not whole or too large"
            }
        case .flag: isAllowed = text == "true" || text == "false"
        case .choice(let words): isAllowed = words.contains(text)
        }
        return isAllowed ? nil : "expected \(expectation), \(found)"
    }

    /// What was found, short and printable.
    static func quoted(_ text: String) -> String {
        let kept = text.unicodeScalars.prefix(80).map {
            isPrintable($0) ? String($0) : "\\u{\(String($0.value, radix: 16))}"
        }
        return "\"\(kept.joined())\(text.unicodeScalars.count > 80 ? "..." : "")\""
    }

    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: false
        default: true
        }
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    }
}

/// Where an HTTP server listens.
public struct HostAndPort: Sendable, Equatable {
    public let host: String
    public let port: Int

    /// `HOST:PORT`, `[IPV6]:PORT`; nil for anything else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-:".contains($0)) })
        else { return nil }
        self.host = String(host)
        self.port = Int(port)
    }

    /// Whether only this machine can reach it. Names but localhost are not looked up.
    public var isLocal: Bool {
        host == "localhost" || host == "::1" || Endpoint.isLocal("tcp://\(host):\(port)")
    }
}
