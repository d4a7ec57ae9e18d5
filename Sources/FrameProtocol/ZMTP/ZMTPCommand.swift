/// A command frame (RFC 37): `name-length name data`.
public enum ZMTPCommand: Sendable, Equatable {
    /// The properties of READY, in order: `Socket-Type`, `Identity`, ...
    case ready([Property])
    /// The same of a PLAIN client.
    case initiate([Property])
    case error(reason: String)
    /// Also when it came as a message of a SUB peer, as ZMTP 3.0 sends it.
    case subscribe(topic: [UInt8])
    case cancel(topic: [UInt8])
    /// `timeToLive` in tenths of a second.
    case ping(timeToLive: UInt16, context: [UInt8])
    case pong(context: [UInt8])
    /// PLAIN's HELLO and WELCOME, and any of a later version.
    case other(name: String, body: [UInt8])

    public struct Property: Sendable, Equatable {
        public var name: String
        public var value: [UInt8]

        public init(name: String, value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// The value of a property of READY or INITIATE; names are compared without case.
    public func property(_ name: String) -> [UInt8]? {
        switch self {
        case .ready(let properties), .initiate(let properties):
            properties.first { $0.name.lowercased() == name.lowercased() }?.value
        default: nil
        }
    }

    /// `Socket-Type` of READY or INITIATE: `PUSH`, `SUB`, ... The first 16 bytes of what the peer says: it is kept for as long
    /// as the connection is, and no type has more than six.
    public var socketType: String? { property("Socket-Type").map { String(decoding: $0.prefix(16), as: UTF8.self) } }

    /// Reads a command's body. The error says what was expected; the caller knows where.
    init(_ body: [UInt8]) throws(Malformed) {
        guard let length = body.first, length > 0, Int(length) < body.count else {
            throw Malformed(message: "expected a name of 1 to 255 bytes, found \(body.isEmpty ? "none" : "less")")
        }
        let name = String(decoding: body[1...Int(length)], as: UTF8.self)
        let data = body[(Int(length) + 1)...]
        switch name {
        case "READY": self = .ready(try Self.readProperties(data))
        case "INITIATE": self = .initiate(try Self.readProperties(data))
        case "ERROR":
            guard let size = data.first, Int(size) == data.count - 1 else {
                throw Malformed(message: "expected ERROR with a reason of its announced length, found \(data.count)")
            }
            self = .error(reason: String(decoding: data.dropFirst(), as: UTF8.self))
        case "SUBSCRIBE": self = .subscribe(topic: Array(data))
        case "CANCEL": self = .cancel(topic: Array(data))
        case "PING":
            guard data.count >= 2 else {
                throw Malformed(message: "expected PING with a time of 2 bytes, found \(data.count)")
            }
            let time = UInt16(data[data.startIndex]) << 8 | UInt16(data[data.startIndex + 1])
            self = .ping(timeToLive: time, context: Array(data.dropFirst(2)))
        case "PONG": self = .pong(context: Array(data))
        default: self = .other(name: name, body: Array(data))
        }
    }

    struct Malformed: Error {
        var message: String
    }

    /// `*( name-length(1) name value-length(4, big-endian) value )`
    private static func readProperties(_ data: ArraySlice<UInt8>) throws(Malformed) -> [Property] {
        var properties: [Property] = []
        var rest = data
        while let nameLength = rest.first {
            rest = rest.dropFirst()
            guard rest.count >= Int(nameLength) + 4 else {
                throw Malformed(message: "expected a property's name and length, found \(rest.count) bytes")
            }
            let name = String(decoding: rest.prefix(Int(nameLength)), as: UTF8.self)
            rest = rest.dropFirst(Int(nameLength))
            let length = rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            rest = rest.dropFirst(4)
            guard rest.count >= Int(length) else {
                throw Malformed(message: "expected \(length) bytes of \(quoted(name)), found \(rest.count)")
            }
            properties.append(Property(name: name, value: Array(rest.prefix(Int(length)))))
            rest = rest.dropFirst(Int(length))
        }
        return properties
    }
}
