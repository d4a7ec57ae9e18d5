package import Foundation
import Synchronization

/// A folder for one test, removed when the tests end: the optimiser would free it with its last use, before what still
/// has files in it open.
package final class ScratchFolder: Sendable {
    package let url: URL

    private static let made = Mutex<[URL]>([])
    private static let removal: Void = {
        atexit { ScratchFolder.made.withLock { $0.forEach { try? FileManager.default.removeItem(at: $0) } } }
    }()

    /// - Parameter inMemory: on a file system without a disk, where there is one: for thousands of fsyncs.
    package init(_ name: String = "test", inMemory: Bool = false) throws {
        // What stands under /tmp must not be long: ipc paths are limited to 107 bytes.
        let memory = URL(filePath: "/dev/shm"), files = FileManager.default
        let place = inMemory && files.isWritableFile(atPath: memory.path) ? memory : files.temporaryDirectory
        let url = place.appending(path: "scanward-\(name)-\(UUID().uuidString.prefix(8).lowercased())")
        try files.createDirectory(at: url, withIntermediateDirectories: true)
        self.url = url
        Self.made.withLock { $0.append(url) }
        Self.removal
    }

    /// Removes it before the tests end: a test that makes thousands of them in memory would fill it.
    package func remove() { try? FileManager.default.removeItem(at: url) }

    package var path: String { url.path }

    package func file(_ name: String) -> String { url.appending(path: name).path }
}
