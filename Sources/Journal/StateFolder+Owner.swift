import Foundation

extension StateFolder {
    /// The process that writes to the folder's journal now; nil if none does. It only looks: a lock of its own, however short,
    /// could keep a monitor from starting.
    public var owner: Int32? {
        guard let text = try? String(contentsOfFile: lockFile, encoding: .utf8),
            let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)), pid > 0
        else { return nil }
        var information = stat()
        guard stat(lockFile, &information) == 0,
            let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8)
        else { return nil }
        // "1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF": by process and inode (proc(5)).
        let holds = locks.split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.count >= 6 && words[1] == "FLOCK" && Int32(words[4]) == pid
                && words[5].split(separator: ":").last.flatMap { UInt64($0) } == UInt64(information.st_ino)
        }
        return holds ? pid : nil
    }
}
