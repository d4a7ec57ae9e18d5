import Foundation

/// Where the servers are, and how they know us. Secrets lie in files.
public struct NATSConfiguration: Sendable, Equatable {
    /// `nats://HOST:PORT` or `tls://HOST:PORT`; without a user: that stands in `credentialsFile`.
    public var servers: [String]
    /// Shown by the server's monitoring.
    public var name: String
    /// A user's JWT and seed (`nsc`'s `.creds`), or one line: `USER:PASSWORD`, or a token.
    public var credentialsFile: String?
    /// PEM: whom we trust; with it, or with `tls://`, everything is encrypted.
    public var caFile: String?
    /// PEM: our own certificate and its key, for servers that ask for one.
    public var certificateFile: String?
    public var keyFile: String?

    public init(servers: [String], name: String) {
        self.servers = servers
        self.name = name
    }

    var usesTLS: Bool {
        caFile != nil || certificateFile != nil || servers.contains { $0.hasPrefix("tls://") }
    }

    /// Why `text` is no address of a server; nil if it is.
    public static func refusal(of text: String) -> String? {
        let expectation = "expected nats://HOST:PORT or tls://HOST:PORT"
        guard let scheme = ["nats://", "tls://"].first(where: { text.hasPrefix($0) }) else {
            return "\(expectation), found \"\(text.prefix(80))\""
        }
        let rest = text.dropFirst(scheme.count)
        // Not shown: what stands there may be a password.
        guard !rest.contains("@") else {
            return "\(expectation), found a user in it: put USER:PASSWORD into a file, and name it in "
                + "fleet.credentials_file"
        }
        guard !rest.isEmpty, !rest.hasPrefix(":"),
            rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") })
        else { return "\(expectation), found \"\(text.prefix(80))\"" }
        return nil
    }
}

/// What a credentials file holds.
enum NATSCredentials: Equatable {
    /// For the library, which reads it itself.
    case userFile(String)
    case user(String, password: String)
    case token(String)

    /// - Throws: where the file cannot be read, or others can read it.
    init(reading path: String) throws(NATSError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw NATSError(
                .configuration, "fleet.credentials_file: \(path) cannot be read: \(error.localizedDescription)")
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o007 == 0 else {
            throw NATSError(
                .configuration,
                "fleet.credentials_file: every user of this machine may read or write \(path): `chmod o= \(path)`")
        }
        let text = String(decoding: data, as: UTF8.self)
        if text.contains("BEGIN NATS USER JWT") {
            self = .userFile(path)
            return
        }
        let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !line.isEmpty, !line.contains(where: \.isNewline) else {
            throw NATSError(
                .configuration,
                "fleet.credentials_file: expected a .creds file of nsc, or one line USER:PASSWORD or TOKEN in \(path)")
        }
        if let colon = line.firstIndex(of: ":") {
            self = .user(String(line[..<colon]), password: String(line[line.index(after: colon)...]))
        } else {
            self = .token(line)
        }
    }
}
