import Foundation
import Glibc
import TestPrograms

/// One connection to a server on this machine, which reads only what it is asked to. Its calls wait: they run on a
/// thread of their own, as the server's handlers share the pool with the tests.
final class HTTPConnection: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        // What the kernel holds for a client that does not read.
        descriptor = try Loopback.connect(to: UInt16(port), receiveBuffer: 4096)
        // A server that does not answer fails the test, and does not hold it up.
        var limit = timeval(tv_sec: 1200, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { Glibc.close(descriptor) }

    struct Failed: Error { let errno: Int32 }

    /// Sends a GET, or a POST with a body.
    func request(_ path: String, headers: [String] = [], host: String = "localhost", post body: String? = nil) {
        var lines = ["\(body == nil ? "GET" : "POST") \(path) HTTP/1.1", "Host: \(host)"] + headers
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        let text = (lines + ["", ""]).joined(separator: "\r\n") + (body ?? "")
        send(text)
    }

    /// Sends anything.
    func send(_ text: String) { _ = Glibc.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }

    /// Reads until `text` has come, or the connection ends.
    ///
    /// - Returns: all that came, with headers and chunk sizes.
    func read(until text: String? = nil) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { [self] in continuation.resume(with: Result { try readNow(until: text) }) }
        }
    }

    private func readNow(until text: String?) throws -> String {
        var bytes: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Failed(errno: errno) }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
            guard let text else { continue }
            let found = String(decoding: bytes, as: UTF8.self)
            if found.contains(text) { return found }
        }
    }

    /// The answer to a request of its own, after which the connection ends.
    static func get(
        _ path: String, port: Int, headers: [String] = [], host: String = "localhost", post body: String? = nil
    ) async throws -> (status: Int, text: String) {
        let connection = try HTTPConnection(port: port)
        connection.request(path, headers: headers + ["Connection: close"], host: host, post: body)
        let text = try await connection.read()
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, text)
    }
}
