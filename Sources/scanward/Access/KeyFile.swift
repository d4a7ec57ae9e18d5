import Foundation
import ZeroMQ

/// A CURVE key pair in a file that only its owner may read, in the notation of ZeroMQ certificates (ZPL, RFC 4): pyzmq's
/// `zmq.auth.load_certificate` and CZMQ's `zcert_load` read it too.
enum KeyFile {
    /// Writes a pair to a new file with mode 0600.
    static func write(_ keys: CurveKeyPair, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw errno == EEXIST
                ? Failure(
                    "\(path) exists: a key file is not written over, as its key may be in use; choose another name")
                : Failure("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let text = """
            # CURVE key pair of scanward. Keep it secret: who has it is taken for its owner.
            metadata
            curve
                public-key = "\(keys.publicKey)"
                secret-key = "\(keys.secretKey)"

            """
        do {
            try file.write(contentsOf: Data(text.utf8))
            try file.synchronize()
        } catch {
            unlink(path)
            throw Failure("\(path) cannot be written: \(error.localizedDescription)")
        }
    }

    /// Reads a pair; refuses a file that others may read.
    static func read(_ named: String) throws -> CurveKeyPair {
        let path = ServiceCredential.path(for: named)
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw Failure(
                "\(path): \(String(cString: strerror(errno))); expected a key file of `scanward keys generate \(path)`")
        }
        guard status.st_mode & ServiceCredential.forbiddenMode(of: path, named: named) == 0 else {
            throw Failure(
                "\(path) has mode 0\(String(status.st_mode & 0o777, radix: 8)): expected a secret that only its owner may "
                    + "read; `chmod 600 \(path)`, or make a new one if others have read it")
        }
        let values = try self.values(of: path)
        guard let text = values["secret-key"], let secret = CurveKey(text) else {
            throw Failure("\(path): expected a line secret-key = \"KEY\" with \(CurveKey.expectation), found none")
        }
        let keys: CurveKeyPair
        do throws(ZeroMQError) {
            keys = try CurveKeyPair(secretKey: secret)
        } catch {
            throw Failure("\(path): \(error.message)")
        }
        guard values["public-key"].map({ $0 == keys.publicKey.text }) ?? true else {
            throw Failure("\(path): the public key is not that of the secret key; the file is damaged")
        }
        return keys
    }

    /// The public key of a key file, whoever may read it.
    static func publicKey(_ path: String) throws -> CurveKey {
        guard let key = try values(of: path)["public-key"].flatMap(CurveKey.init) else {
            throw Failure("\(path): expected a line public-key = \"KEY\" with \(CurveKey.expectation), found none")
        }
        return key
    }

    private static func values(of path: String) throws -> [String: String] {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 65536,
            let text = String(data: data, encoding: .utf8)
        else { throw Failure("\(path) cannot be read as a key file: expected a short text") }
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard words.count == 2, !words[0].hasPrefix("#") else { continue }
            values[words[0]] = words[1].trimmingCharacters(in: CharacterSet(charactersIn: "\"'"))
        }
        return values
    }
}
