import CZeroMQ

/// A CURVE key of 32 bytes, in the 40 characters of Z85 (ZeroMQ RFC 32).
public struct CurveKey: Sendable, Hashable, CustomStringConvertible {
    /// The 40 characters.
    public let text: String

    /// nil unless `text` is 40 characters of Z85.
    public init?(_ text: String) {
        guard text.utf8.count == 40, !text.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        guard zmq_z85_decode(&bytes, text) != nil else { return nil }
        self.text = text
    }

    /// The key of 32 bytes, as a peer sends it; nil of any other number.
    init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        var characters = [CChar](repeating: 0, count: 41)
        guard zmq_z85_encode(&characters, bytes, bytes.count) != nil else { return nil }
        text = String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    public var description: String { text }

    /// What a key looks like, for sentences that refuse one.
    public static let expectation = "a CURVE key of 40 characters (Z85), as `scanward keys generate` prints it"
}

/// A peer's long-term keys (CurveZMQ, ZeroMQ RFC 26). Who has the secret one is taken for the peer.
public struct CurveKeyPair: Sendable, Equatable {
    public let publicKey: CurveKey
    public let secretKey: CurveKey

    /// The pair that belongs to a secret key.
    public init(secretKey: CurveKey) throws(ZeroMQError) {
        var characters = [CChar](repeating: 0, count: 41)
        guard zmq_curve_public(&characters, secretKey.text) == 0 else { throw .last("cannot derive a public key") }
        guard let publicKey = Self.key(characters) else {
            throw ZeroMQError(code: .other, message: "libzmq derived a public key that is none")
        }
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// A new pair, from the system's random numbers.
    public static func generate() throws(ZeroMQError) -> CurveKeyPair {
        var publicCharacters = [CChar](repeating: 0, count: 41), secretCharacters = publicCharacters
        guard zmq_curve_keypair(&publicCharacters, &secretCharacters) == 0 else {
            throw .last("cannot make a CURVE key pair")
        }
        guard let secretKey = key(secretCharacters) else {
            throw ZeroMQError(code: .other, message: "libzmq made a secret key that is none")
        }
        return try CurveKeyPair(secretKey: secretKey)
    }

    private static func key(_ characters: [CChar]) -> CurveKey? {
        CurveKey(String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
}
