import Foundation
import Journal

/// Whether this user may come to a file or a folder at all: asked before it is said that nothing is there. An installed
/// service's folders are its user's alone, and who looks after it is often somebody else.
enum FolderAccess {
    /// access(2): 0, or else the system's error.
    typealias Question = @Sendable (_ path: String, _ mode: Int32) -> Int32

    static let system: Question = { path, mode in access(path, mode) == 0 ? 0 : errno }

    /// Links followed at most, as by the kernel.
    private static let mostLinks = 40

    /// Says what on the way to `path` this user may not enter, or read at its end, and what to do; nil where all may be,
    /// also where the way ends before.
    static func refusal(_ path: String, asking question: Question = system) -> String? {
        guard let place = refused(absolute(path), question, links: 0) else { return nil }
        let end = (place == absolute(path) ? "" : ", on the way to \(path),")
        return
            "\(place)\(end) is closed to this user (\(ModelVersions.user))\(owner(of: place)): run this as root (`sudo scanward "
            + "...`), as the service's user, or as one that may"
    }

    /// - Throws: `Failure` with the sentence of `refusal`.
    static func require(_ path: String) throws(Failure) {
        if let refusal = refusal(path) { throw Failure(refusal) }
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    private static func refused(_ path: String, _ question: Question, links: Int) -> String? {
        let names = path.split(separator: "/").map(String.init)
        var place = ""
        for (number, name) in names.enumerated() {
            let isLast = number == names.count - 1, parent = place
            place += "/" + name
            var status = stat()
            let isFile = stat(place, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
            let answer = question(place, isFile ? R_OK : isLast ? R_OK | X_OK : X_OK)
            guard answer == EACCES else {
                if answer == 0 { continue }
                return nil
            }
            // Of a link that leads to where nobody may look, the place itself is named.
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: place), links < mostLinks
            else { return place }
            let rest = names[(number + 1)...].map { "/" + $0 }.joined()
            return refused((target.hasPrefix("/") ? target : parent + "/" + target) + rest, question, links: links + 1)
                ?? place
        }
        return nil
    }

    /// Whose it is, with its group where that may enter.
    private static func owner(of place: String) -> String {
        var status = stat()
        guard stat(place, &status) == 0 else { return "" }
        let user = getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "uid \(status.st_uid)"
        let group = getgrgid(status.st_gid).map { String(cString: $0.pointee.gr_name) } ?? "gid \(status.st_gid)"
        let isForGroup = status.st_mode & 0o050 == 0o050
        return "; it is \(user)'s" + (isForGroup ? " and the group \(group)'s" : "")
    }
}

extension StateFolder {
    /// Its journal, to be read.
    func reader() throws -> JournalReader {
        try FolderAccess.require(path)
        if FileManager.default.fileExists(atPath: database) { try FolderAccess.require(database) }
        return try JournalReader(opening: database)
    }
}
