import Glibc

/// A TCP connection to a port of this machine, without a library behind it.
package enum Loopback {
    package struct NotConnected: Error { package let errno: Int32 }

    /// The port that an endpoint ends with.
    package static func port(of endpoint: String) -> UInt16 {
        endpoint.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
    }

    /// Connects.
    ///
    /// - Parameter receiveBuffer: bytes that the kernel is to hold for a reader that does not read; nil for its own choice.
    /// - Returns: a descriptor that the caller closes.
    package static func connect(to port: UInt16, receiveBuffer: Int32? = nil) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, status == 0 else {
            let code = errno
            close(descriptor)
            throw NotConnected(errno: code)
        }
        return descriptor
    }
}
