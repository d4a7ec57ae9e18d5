import Glibc

/// The capture files of a directory, in the order of their first packets: what `tcpdump -C` or `-G` left there.
struct CaptureSeries {
    private(set) var paths: [String] = []
    /// Files that were left out, and why.
    private(set) var notes: [String] = []

    /// Looks at each file of the directory (not at those within folders, nor at hidden ones).
    init(directory: String) throws(CaptureError) {
        var found: [(time: Int64, path: String)] = []
        for name in try Self.names(in: directory) {
            let path = "\(directory)/\(name)"
            do throws(CaptureError) {
                if let first = try CaptureReader(path: path).next() {
                    found.append((first.timestampNanoseconds, path))
                } else {
                    notes.append("\(path) was left out: it holds no packet")
                }
            } catch {
                notes.append("\(path) was left out: \(error.message)")
            }
        }
        guard !found.isEmpty else {
            throw CaptureError(
                code: .empty,
                message: "\(directory) holds no capture with a packet: expected pcap or pcapng files, as `tcpdump -C` "
                    + "writes them" + (notes.first.map { "; \($0)" } ?? ""))
        }
        paths = found.sorted { ($0.time, $0.path) < ($1.time, $1.path) }.map(\.path)
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
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
