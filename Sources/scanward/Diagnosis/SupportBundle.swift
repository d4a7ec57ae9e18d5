import Foundation
import Inspection
import Journal
import NeuralNetwork
import Threads
import ZeroMQ

/// What somebody who helps from afar needs to see, as files in a folder: no key, no secret, and no part's points unless asked.
struct SupportBundle {
    let options: DoctorOptions
    let monitor: RunningLine?
    let folder: URL
    /// Names of files, and what is in them.
    private(set) var contents: [(name: String, what: String)] = []

    private static let verdicts = 500, alerts = 2000
    private static let partBytes = 256 << 20

    init(_ options: DoctorOptions, monitor: RunningLine?, in folder: URL) {
        self.options = options
        self.monitor = monitor
        self.folder = folder
    }

    mutating func write(withParts: Bool, unless stop: StopSignal) throws {
        defer { Terminal.endStatus() }
        try versions()
        try configuration()
        Terminal.status("looking at the line, as doctor does ...")
        try doctor(unless: stop)
        Terminal.status("checking the journal ...")
        try journal()
        Terminal.status("reading the models ...")
        try models()
        try counters()
        if withParts { try parts() }
        let list = contents.map { "\($0.name.padded(to: 28))  \($0.what)" }
        try put("CONTENTS.txt", "every file here", list.joined(separator: "\n") + "\n")
    }

    private mutating func put(_ name: String, _ what: String, _ text: String) throws {
        let url = folder.appending(path: name)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        } catch {
            throw Failure("\(url.path) cannot be written: \(error.localizedDescription)")
        }
        contents.append((name, what))
    }

    private mutating func versions() throws {
        let system = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        let kernel = (try? String(contentsOfFile: "/proc/version", encoding: .utf8)) ?? ""
        let memory = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8))?.split(separator: "\n").prefix(3)
        let lines = [
            "scanward \(Version.string)", "libzmq \(ZeroMQLibrary.version), CURVE \(ZeroMQLibrary.hasCurve)",
            MatrixProduct.library, "cores \(ProcessInfo.processInfo.activeProcessorCount)", kernel, system,
            memory?.joined(separator: "\n") ?? "", "written \(timeText(SystemClock.unixNanoseconds))",
        ]
        try put("versions.txt", "versions of scanward, its libraries and the system", lines.joined(separator: "\n"))
    }

    private mutating func configuration() throws {
        var lines = options.effective.faults.map { "fault: \($0.description)" }
        lines += options.effective.sorted.map { name, value in
            "\(name) = \(value.texts.joined(separator: ", "))    (\(value.origin))"
        }
        if let monitor {
            lines.append("process \(monitor.pid): scanward run \(monitor.arguments.joined(separator: " "))")
        }
        try put(
            "configuration.txt", "what holds, and where it comes from; files of keys are named, not read",
            Self.hiding(lines.joined(separator: "\n")) + "\n")
        if let file = options.source.file, let text = try? String(contentsOfFile: file, encoding: .utf8) {
            try put("configuration.yaml", "the configuration file, secrets hidden", Self.hiding(text))
        }
    }

    private mutating func doctor(unless stop: StopSignal) throws {
        var lines: [String] = []
        _ = Doctor(options: options, monitor: monitor, runsSelfTest: false).examine(unless: stop) { finding in
            if let line = try? jsonLine(finding) { lines.append(line) }
        }
        try put("doctor.jsonl", "what `scanward doctor` finds", lines.joined(separator: "\n") + "\n")
    }

    private mutating func journal() throws {
        guard let path = options.settings.stateFolder else { return }
        let folder = StateFolder(path)
        do {
            let reader = try folder.reader()
            let check = try JournalCheck.run(folder: folder)
            let verdicts = try reader.lastVerdicts(limit: Self.verdicts)
            let alerts = check.alerts.suffix(Self.alerts)
            let consumers = check.consumers.map { "consumer \($0.name) at \($0.seq)" }
            let changes = check.modelChanges.map {
                "\(timeText($0.nanoseconds)) \($0.partType) from \($0.from ?? "none") to \($0.to ?? "none")"
            }
            let lines =
                [
                    "epoch \(check.epoch ?? "?")", "head \(check.head), published \(check.published)",
                    "verdicts checked \(check.checkedVerdicts)", "open parts \(check.openParts.count)",
                ] + check.problems.map { "problem: \($0)" } + consumers + changes
            try? put("journal.txt", "the journal's own check", lines.joined(separator: "\n") + "\n")
            try? put(
                "verdicts.jsonl", "the last \(verdicts.count) verdicts, without the scanner's own data (`user`)",
                verdicts.compactMap(Self.withoutUser).joined(separator: "\n") + "\n")
            try? put(
                "alerts.txt", "the last \(alerts.count) alerts",
                alerts.map { "\(timeText($0.nanoseconds)) \($0.code): \(printable($0.message))" }.joined(
                    separator: "\n")
                    + "\n")
        } catch {
            try? put("journal.txt", "why the journal cannot be read", Failure.sentence(of: error) + "\n")
        }
    }

    private static func withoutUser(_ stored: JournalVerdict) -> String? {
        guard var verdict = PartHistory.decode(stored) else { return nil }
        verdict.user = nil
        return (try? verdict.json()).map { String(decoding: $0, as: UTF8.self) }
    }

    private mutating func models() throws {
        for path in options.models {
            for entry in ModelListing.entries(in: URL(filePath: path)) {
                for version in entry.versions {
                    let base = "models/\(entry.folder.lastPathComponent)/\(version.name)"
                    switch version.content {
                    case .success:
                        let manifest = version.folder.appending(path: ModelFolder.manifestName)
                        try put(
                            base + ".json", "manifest\(version.isCurrent ? ", in use" : "")",
                            (try? String(contentsOf: manifest, encoding: .utf8)) ?? "")
                    case .failure(let failure):
                        try put(base + ".txt", "why it cannot be used", failure.description + "\n")
                    }
                }
                let history = entry.folder.appending(path: ModelVersions.historyName)
                if let text = try? String(contentsOf: history, encoding: .utf8) {
                    try put("models/\(entry.folder.lastPathComponent)/history.jsonl", "switches of the model", text)
                }
            }
        }
    }

    /// What the running monitor counts: its /metrics, where it serves them.
    private mutating func counters() throws {
        guard monitor != nil, let http = options.settings.http else { return }
        guard let text = PlainHTTP.get("/metrics", host: http.host, port: http.port) else { return }
        try put("metrics.txt", "the running monitor's counters", text)
    }

    /// The newest heat maps, which hold the parts' points.
    private mutating func parts() throws {
        guard let path = options.settings.heatmapFolder else { return }
        let keys: Set<URLResourceKey> = [.contentModificationDateKey, .fileSizeKey]
        let files =
            (try? FileManager.default.contentsOfDirectory(
                at: URL(filePath: path), includingPropertiesForKeys: Array(keys))) ?? []
        let dated = files.filter { $0.pathExtension == "ply" }.compactMap { file -> (URL, Date, Int)? in
            guard let values = try? file.resourceValues(forKeys: keys), let date = values.contentModificationDate else {
                return nil
            }
            return (file, date, values.fileSize ?? 0)
        }.sorted { $0.1 > $1.1 }
        var bytes = 0
        let target = folder.appending(path: "parts")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        for (file, _, size) in dated.prefix(50) where bytes + size <= Self.partBytes {
            bytes += size
            try FileManager.default.copyItem(at: file, to: target.appending(path: file.lastPathComponent))
            contents.append(("parts/\(file.lastPathComponent)", "points and scores of a part that was not ok"))
        }
    }

    /// Values of keys that sound like secrets, and whatever looks like a CURVE key's secret half, taken out.
    static func hiding(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let lower = line.lowercased()
            let isSecret = ["token", "password", "secret-key", "secret_key"].contains { lower.contains($0) }
            guard isSecret, let mark = line.firstIndex(where: { ":=".contains($0) }) else { return String(line) }
            return line[...mark] + " (hidden)"
        }.joined(separator: "\n")
    }
}

/// One request to a server on this machine.
enum PlainHTTP {
    /// The body of a GET that was answered with 200; nil of anything else.
    static func get(_ path: String, host: String, port: Int) -> String? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &found) == 0, let first = found else { return nil }
        defer { freeaddrinfo(found) }
        let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard connect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else { return nil }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n".utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return nil
        }
        var bytes: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 65536)
        while bytes.count < 16 << 20 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 200"), let head = text.range(of: "\r\n\r\n") else { return nil }
        return String(text[head.upperBound...])
    }
}
