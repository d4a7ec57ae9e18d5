import Foundation

/// What the journal asks of the disk beside SQLite, so that tests can answer otherwise. (SQLite's own calls are
/// disturbed below it, by a VFS in the tests.)
public protocol JournalDisk: Sendable {
    /// Bytes that this user may still write to the file system of `path`; nil if that cannot be told.
    func freeBytes(at path: String) -> UInt64?
    /// Size of a file; nil if there is none.
    func size(of path: String) -> UInt64?
    /// Moves a file within its folder, replacing nothing.
    func move(_ path: String, to other: String) throws
}

/// The machine's own.
public struct SystemDisk: JournalDisk {
    public init() {}

    public func freeBytes(at path: String) -> UInt64? {
        var information = statvfs()
        guard statvfs(path, &information) == 0 else { return nil }
        return UInt64(information.f_bavail) &* UInt64(information.f_frsize)
    }

    public func size(of path: String) -> UInt64? {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        return UInt64(max(0, information.st_size))
    }

    public func move(_ path: String, to other: String) throws {
        try FileManager.default.moveItem(atPath: path, toPath: other)
    }
}
