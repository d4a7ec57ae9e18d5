import Glibc

/// The tables that the kernel tells below /proc.
public enum KernelTable {
    /// The whole of a table, by line; nil where it cannot be read.
    ///
    /// Such a file has no size, and each read gives a page of it or less: Foundation takes the first short one for the end.
    /// Bytes that are no UTF-8 (others' abstract socket names) are replaced.
    public static func lines(of path: String) -> [Substring]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self).split(separator: "\n") }
            bytes += buffer[..<count]
        }
    }
}
