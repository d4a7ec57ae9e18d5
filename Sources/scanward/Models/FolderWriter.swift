import CRename
import Foundation

/// A folder that is written beside its place, and takes it once all of it is on the disk.
///
/// What root writes belongs to whom the folder around it belongs to, with rights as there: a service under a user of its own
/// reads and replaces what an administrator taught it. Files are opened in the folder that was made, whatever its path names
/// meanwhile: that user could put a link there.
struct FolderWriter: ~Copyable {
    private let path: String
    private let descriptor: Int32

    /// Makes the folder, which must not be there; those above it are made where they are missing.
    init(making path: String) throws(SystemFailure) {
        let parent = (path as NSString).deletingLastPathComponent
        try Self.makeFolders(parent.isEmpty ? "." : parent)
        guard mkdir(path, 0o777) == 0 else { throw SystemFailure() }
        let opened = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw SystemFailure() }
        descriptor = opened
        self.path = path
    }

    deinit { close(descriptor) }

    /// Writes a file and has it on the disk.
    func write(_ bytes: [UInt8], to name: String) throws(SystemFailure) {
        let file = openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw SystemFailure() }
        defer { close(file) }
        try Self.write(bytes, to: file)
        try Self.inherit(file, from: (path as NSString).deletingLastPathComponent, isFolder: false)
        guard fsync(file) == 0 else { throw SystemFailure() }
    }

    /// Takes its place, in one step where the file system can; what was there is removed then.
    ///
    /// - Parameters:
    ///   - step: is called before each step that a reader could see.
    ///   - exchange: makes each of two paths name what the other named, in one step; 0, or the system's error.
    consuming func take(
        _ place: String, step: () -> Void = {},
        exchange: (_ one: String, _ other: String) -> Int32 = { rename_exchange($0, $1) }
    ) throws(SystemFailure) {
        let parent = (place as NSString).deletingLastPathComponent
        try Self.inherit(descriptor, from: parent, isFolder: true)
        guard fsync(descriptor) == 0 else { throw SystemFailure() }
        step()
        if access(place, F_OK) != 0 {
            guard rename(path, place) == 0 else { throw SystemFailure() }
        } else {
            switch exchange(path, place) {
            case 0: remove(path)
            case EINVAL, ENOSYS, EOPNOTSUPP, EPERM: try replace(place, step: step)
            case let code: throw SystemFailure(code: code)
            }
        }
        try Self.synchronize(parent)
    }

    /// In two steps, between which nothing is there: what was goes only once the new one has its place.
    private func replace(_ place: String, step: () -> Void) throws(SystemFailure) {
        let old = path + ".old"
        guard rename(place, old) == 0 else { throw SystemFailure() }
        step()
        guard rename(path, place) == 0 else {
            let failure = SystemFailure()
            rename(old, place)
            throw failure
        }
        remove(old)
    }

    /// Whoever may not remove it leaves it, under a hidden name.
    private func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    // MARK: - Folders, links and files one by one

    /// Writes all bytes to an open file.
    static func write(_ bytes: [UInt8], to file: Int32) throws(SystemFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw SystemFailure() }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes a folder and those above it, where they are missing.
    static func makeFolders(_ path: String) throws(SystemFailure) {
        var status = stat()
        guard stat(path, &status) != 0 else { return }
        let parent = (path as NSString).deletingLastPathComponent
        if !parent.isEmpty { try makeFolders(parent) }
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw SystemFailure() }
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFailure() }
        defer { close(descriptor) }
        try inherit(descriptor, from: parent, isFolder: true)
    }

    /// Gives what root made the owner and the group of a folder, and rights as there: whoever may read there may read it.
    static func inherit(_ descriptor: Int32, from folder: String, isFolder: Bool) throws(SystemFailure) {
        guard geteuid() == 0 else { return }
        var status = stat()
        guard stat(folder.isEmpty ? "." : folder, &status) == 0 else { throw SystemFailure() }
        let rights = status.st_mode & 0o755 | 0o700
        guard fchmod(descriptor, isFolder ? rights : rights & 0o644) == 0,
            fchown(descriptor, status.st_uid, status.st_gid) == 0
        else { throw SystemFailure() }
    }

    /// The same for a link.
    static func inherit(link: String) throws(SystemFailure) {
        guard geteuid() == 0 else { return }
        var status = stat()
        guard stat((link as NSString).deletingLastPathComponent, &status) == 0,
            lchown(link, status.st_uid, status.st_gid) == 0
        else { throw SystemFailure() }
    }

    /// Has a folder's entries on the disk.
    static func synchronize(_ folder: String) throws(SystemFailure) {
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFailure() }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SystemFailure() }
    }
}

/// What the system said to a call.
struct SystemFailure: Error, CustomStringConvertible {
    var code: Int32 = errno
    var description: String { String(cString: strerror(code)) }
}
