package import Foundation

/// A folder for one test, removed when nobody holds it any more.
package final class ScratchFolder: Sendable {
    package let url: URL

    /// - Parameter inMemory: on a file system without a disk, where there is one: for thousands of fsyncs.
    package init(_ name: String = "test", inMemory: Bool = false) throws {
        // What stands under /tmp must not be long: ipc paths are limited to 107 bytes.
        let memory = URL(filePath: "/dev/shm"), files = FileManager.default
        let place = inMemory && files.isWritableFile(atPath: memory.path) ? memory : files.temporaryDirectory
        url = place.appending(path: "scanward-\(name)-\(UUID().uuidString.prefix(8).lowercased())")
        try files.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    package var path: String { url.path }

    package func file(_ name: String) -> String { url.appending(path: name).path }
}
