import Crypto
import Dashboard
import Foundation
import Synchronization

/// Who may come in over HTTP: lines `NAME ROLE HASH DATE`, in a file that only its owner may write.
///
/// HASH is the SHA-256 of the token. A token is 32 random bytes: nothing that is guessed or looked up in a table, so that
/// neither a salt nor a slow hash would add anything; who reads the file cannot come in by it.
final class TokenFile: AccessControl {
    struct Entry: Sendable, Equatable {
        let name: String
        let role: Role
        let hash: String
        let created: String
    }

    /// What a token begins with, so that one is known where it should not be: in a log, in a repository.
    static let prefix = "swd_"

    private let path: String
    private let state: Mutex<State>

    private struct State {
        var byHash: [String: Entry]
        var stamp: Stamp
    }

    /// Of the last change, also of the mode.
    private struct Stamp: Equatable {
        var seconds = 0, nanoseconds = 0, size = 0, inode: UInt64 = 0
    }

    /// - Throws: `Failure`, where the file cannot be read or a line is damaged.
    init(_ path: String) throws {
        self.path = path
        // Before it is read: a change meanwhile is seen with the next request.
        let stamp = Self.stamp(path)
        state = Mutex(State(byHash: Self.byHash(try Self.read(path)), stamp: stamp))
    }

    var isEmpty: Bool { state.withLock { $0.byHash.isEmpty } }

    /// The file is read anew when it has changed; while it cannot be read nobody is let in.
    func holder(of token: String) -> TokenHolder? {
        guard token.utf8.count <= 128 else { return nil }
        let hash = sha256([UInt8](token.utf8))
        return state.withLock { state in
            let stamp = Self.stamp(path)
            if stamp != state.stamp {
                state.stamp = stamp
                do {
                    state.byHash = Self.byHash(try Self.read(path))
                } catch {
                    state.byHash = [:]
                    Terminal.error("scanward: \(error); until that is mended no token is accepted")
                }
            }
            return state.byHash[hash].map { TokenHolder(name: $0.name, role: $0.role) }
        }
    }

    // MARK: The file

    /// - Throws: `Failure`, also where others than its owner may write it: whoever does lets himself in.
    static func read(_ path: String) throws -> [Entry] {
        var status = stat()
        guard stat(path, &status) != 0 || status.st_mode & 0o022 == 0 else {
            throw Failure(
                "\(path) has mode 0\(String(status.st_mode & 0o777, radix: 8)): expected a file of tokens that only its owner "
                    + "may write; see with `scanward tokens list` that none is a stranger's, and `chmod go-w \(path)`")
        }
        guard let data = FileManager.default.contents(atPath: path), data.count < 1 << 20,
            let text = String(data: data, encoding: .utf8)
        else {
            throw Failure(
                "\(path) cannot be read; expected a file of tokens, as `scanward tokens create NAME --role viewer --file "
                    + "\(path)` makes it")
        }
        var entries: [Entry] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(separator: " ").map(String.init)
            guard !words.isEmpty, !line.hasPrefix("#") else { continue }
            guard words.count == 4, isName(words[0]), let role = Role(rawValue: words[1]), words[2].count == 64 else {
                throw Failure(
                    "\(path), line \(number + 1): expected NAME ROLE HASH DATE, found something else: mend or delete the line"
                )
            }
            guard !entries.contains(where: { $0.name == words[0] }) else {
                throw Failure("\(path), line \(number + 1): \(words[0]) stands there twice: delete one of the lines")
            }
            entries.append(Entry(name: words[0], role: role, hash: words[2], created: words[3]))
        }
        return entries
    }

    /// Makes a token and adds it to the file, which is made if it is not there.
    ///
    /// - Returns: the token: it stands nowhere else.
    static func create(_ name: String, _ role: Role, in path: String) throws -> String {
        guard isName(name) else {
            throw Failure("expected a name of 1 to 64 of A-Z a-z 0-9 . _ -, found \"\(printable(name))\"")
        }
        let lock = try lock(path)
        defer { close(lock) }
        let entries = FileManager.default.fileExists(atPath: path) ? try read(path) : []
        guard !entries.contains(where: { $0.name == name }) else {
            throw Failure("\(path) has a token of \(name) already: revoke it, or choose another name")
        }
        let random = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        let text = random.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
        let token = prefix + text
        let entry = Entry(
            name: name, role: role, hash: sha256([UInt8](token.utf8)), created: Date().formatted(.iso8601))
        try write(entries + [entry], to: path)
        return token
    }

    static func revoke(_ name: String, in path: String) throws {
        let lock = try lock(path)
        defer { close(lock) }
        let entries = try read(path)
        guard entries.contains(where: { $0.name == name }) else {
            let known = entries.map(\.name).joined(separator: ", ")
            throw Failure("\(path) has no token of \(printable(name)); there are \(known.isEmpty ? "none" : known)")
        }
        try write(entries.filter { $0.name != name }, to: path)
    }

    /// Waits until nobody else changes the file: of two changes at once the one that was read first would be undone.
    ///
    /// - Returns: a descriptor; closing it lets the next one in. Of the file beside it, as the file itself is replaced.
    private static func lock(_ path: String) throws -> Int32 {
        let descriptor = open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure("\(path) cannot be changed: \(path).lock: \(String(cString: strerror(errno)))")
        }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                defer { close(descriptor) }
                throw Failure("\(path) cannot be changed: \(path).lock: \(String(cString: strerror(errno)))")
            }
        }
        return descriptor
    }

    /// Whole, and to a new file that takes the old one's place: a monitor never reads half of one. Anybody may read it, also
    /// the service's own user: of 256 random bits a SHA-256 gives nothing away. Only its owner writes.
    private static func write(_ entries: [Entry], to path: String) throws {
        let lines =
            ["# Tokens for the dashboard: NAME ROLE SHA-256 DATE. Made and revoked by `scanward tokens`."]
            + entries.map { "\($0.name) \($0.role.rawValue) \($0.hash) \($0.created)" }
        let temporary = "\(path).\(UUID().uuidString)"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure("\(path) cannot be written: \(String(cString: strerror(errno)))") }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
            try file.synchronize()
            // Whatever the umask of whoever made it.
            fchmod(descriptor, 0o644)
            guard rename(temporary, path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        } catch {
            unlink(temporary)
            throw Failure("\(path) cannot be written: \(error.localizedDescription)")
        }
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }

    private static func byHash(_ entries: [Entry]) -> [String: Entry] {
        Dictionary(entries.map { ($0.hash, $0) }) { first, _ in first }
    }

    private static func stamp(_ path: String) -> Stamp {
        var status = stat()
        guard stat(path, &status) == 0 else { return Stamp() }
        return Stamp(
            seconds: status.st_ctim.tv_sec, nanoseconds: status.st_ctim.tv_nsec, size: Int(status.st_size),
            inode: UInt64(status.st_ino))
    }
}
