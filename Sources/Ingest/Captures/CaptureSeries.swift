import Glibc

/// The capture files of a directory, in the order of their first packets: what `tcpdump -C` or `-G` left there.
struct CaptureSeries {
    private(set) var paths: [String] = []
    /// Files that were left out, and why.
    private(set) var notes: [String] = []
    /// Why a file that may well be one of the captures cannot be read: the first of them. Further ones are in `notes`.
    private(set) var damage: CaptureError?

    /// Looks at each file of the directory (not at those within folders, nor at hidden ones).
    init(directory: String) throws(CaptureError) {
        var found: [(time: Int64, path: String)] = []
        for name in try Self.names(in: directory) {
            let path = "\(directory)/\(name)"
            // A pipe would be waited for.
            guard Self.kind(of: path) == S_IFREG else {
                notes.append("\(path) was left out: it is no regular file")
                continue
            }
            do throws(CaptureError) {
                if let first = try CaptureReader(path: path).next() {
                    found.append((first.timestampNanoseconds, path))
                } else {
                    notes.append("\(path) was left out: it holds no packet")
                }
            } catch {
                leaveOut(path, error)
            }
        }
        guard !found.isEmpty else {
            throw CaptureError(
                code: .empty,
                message: "\(directory) holds no capture with a packet: expected pcap or pcapng files, as `tcpdump -C` "
                    + "writes them" + ((damage?.message ?? notes.first).map { "; \($0)" } ?? ""))
        }
        paths = found.sorted { ($0.time, $0.path) < ($1.time, $1.path) }.map(\.path)
    }

    static func isDirectory(_ path: String) -> Bool { kind(of: path) == S_IFDIR }

    /// `S_IFREG`, `S_IFDIR`, ..., of what a link leads to; nil if there is nothing.
    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    private mutating func leaveOut(_ path: String, _ error: CaptureError) {
        switch error.code {
        case .notReadable, .compressed, .damaged:
            if damage == nil { damage = error } else { notes.append("\(path) was left out: \(error.message)") }
        // Notes, lists and the like lie beside captures; and a file may be gone by now.
        case .noSuchFile, .empty, .notACapture, .noFrames, .notDelivered:
            notes.append("\(path) was left out: \(error.message)")
        }
    }

    private static func names(in directory: String) throws(CaptureError) -> [String] {
        guard let handle = opendir(directory) else {
            throw CaptureError(
                code: .notReadable, message: "\(directory): cannot be listed: \(String(cString: strerror(errno)))")
        }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix("."), !isDirectory("\(directory)/\(name)") { names.append(name) }
        }
        return names.sorted()
    }
}
