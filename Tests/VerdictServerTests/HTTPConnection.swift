import Foundation
import Glibc

/// One connection to a server on this machine, which reads only what it is asked to. Its calls wait: they run on a
/// thread of their own, as the server's handlers share the pool with the tests.
final class HTTPConnection: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // What the kernel holds for a client that does not read.
        var size: Int32 = 4096
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        // A server that does not answer fails the test, and does not hold it up.
        var limit = timeval(tv_sec: 1200, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw Failed(errno: errno) }
    }

    deinit { Glibc.close(descriptor) }

    struct Failed: Error { let errno: Int32 }

    /// Sends a GET.
    func request(_ path: String, headers: [String] = []) {
        let lines = ["GET \(path) HTTP/1.1", "Host: localhost"] + headers + ["", ""]
        let text = lines.joined(separator: "\r\n")
        _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
    }

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
            let found = String(decoding: bytes, as: UTF8.self)
            if let text, found.contains(text) { return found }
        }
    }

    /// The answer to a request of its own, after which the connection ends.
    static func get(_ path: String, port: Int, headers: [String] = []) async throws -> (status: Int, text: String) {
        let connection = try HTTPConnection(port: port)
        connection.request(path, headers: headers + ["Connection: close"])
        let text = try await connection.read()
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, text)
    }
}
