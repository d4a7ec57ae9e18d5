import Glibc
import Testing
import Threads

struct KernelTableTests {
    /// Far more sockets than one read tells of: the last of them is in the table too.
    @Test func aTableIsReadToItsEnd() throws {
        let name = "scanward-table-\(getpid())-"
        let descriptors = (0..<300).map { number -> Int32 in
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array("\(name)\(number)".utf8)
            // Abstract: behind a zero byte, in no file system.
            withUnsafeMutableBytes(of: &address.sun_path) { $0[1...].copyBytes(from: bytes) }
            let length = MemoryLayout<sa_family_t>.size + 1 + bytes.count
            let isBound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(length)) }
            }
            #expect(isBound == 0)
            return descriptor
        }
        defer { descriptors.forEach { close($0) } }
        // Others' sockets come and go meanwhile: what one reading passed over another has.
        var missing = Set((0..<300).map { "@\(name)\($0)" })
        for _ in 0..<20 {
            let lines = try #require(KernelTable.lines(of: "/proc/net/unix"))
            missing.subtract(lines.compactMap { $0.split(separator: " ").last.map(String.init) })
        }
        #expect(missing.isEmpty)
        #expect(KernelTable.lines(of: "/proc/none") == nil)
    }
}
