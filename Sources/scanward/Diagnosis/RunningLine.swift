import Foundation
import MonitorConfiguration
import Threads

/// A monitor that runs on this machine, as /proc tells.
struct RunningLine {
    let pid: Int32
    /// After the program's name.
    let arguments: [String]
    /// Its working folder, in which its paths are meant.
    let folder: String

    init?(pid: Int32) {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return nil }
        let words = data.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard words.count > 1, words[0].split(separator: "/").last == "scanward", words[1] == "run" else { return nil }
        self.pid = pid
        arguments = Array(words.dropFirst(2).dropLast())
        folder = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) ?? "/"
    }

    /// What it was told: its options, environment and file, paths from the root on.
    var source: ConfigurationSource? {
        guard let command = try? RunCommand.parse(arguments), command.capture == nil else { return nil }
        var texts = command.options.texts
        for key in [
            ConfigurationKey.models, .stateFolder, .heatmapFolder, .curveSecretFile, .allowListFile, .natsCredentials,
            .natsCA, .natsCertificate, .natsKey,
        ] {
            texts[key] = texts[key]?.map(absolute)
        }
        let words = FileManager.default.contents(atPath: "/proc/\(pid)/environ") ?? Data()
        var environment: [String: String] = [:]
        for word in words.split(separator: 0) {
            let pair = String(decoding: word, as: UTF8.self).split(separator: "=", maxSplits: 1).map(String.init)
            if pair.count == 2 { environment[pair[0]] = pair[1] }
        }
        let file = command.options.config ?? environment[ConfigurationSource.variable]
        return ConfigurationSource(file: file.map(absolute), options: texts, environment: environment)
    }

    private func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : folder + "/" + path }

    /// All of them.
    static var all: [RunningLine] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { $0 != getpid() }.sorted().compactMap(RunningLine.init)
    }
}

/// Who listens at a TCP port.
enum PortOwner {
    /// The process that listens at `port`, by name and id, as far as this user may see it; nil if nobody is found.
    static func find(port: UInt16) -> (pid: Int32, name: String)? {
        let inodes = Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listeners(in: $0, port: port) })
        guard !inodes.isEmpty else { return nil }
        let manager = FileManager.default
        for pid in ((try? manager.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap({ Int32($0) }) {
            let folder = "/proc/\(pid)/fd"
            for entry in (try? manager.contentsOfDirectory(atPath: folder)) ?? [] {
                guard let link = try? manager.destinationOfSymbolicLink(atPath: folder + "/" + entry),
                    link.hasPrefix("socket:["), let inode = UInt64(link.dropFirst(8).dropLast()), inodes.contains(inode)
                else { continue }
                let name = (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)) ?? "?"
                return (pid, name.trimmingCharacters(in: .whitespacesAndNewlines))
            }
        }
        return nil
    }

    /// Inodes of the sockets that listen (state 0A) at `port` (proc_net_tcp(5)).
    private static func listeners(in table: String, port: UInt16) -> [UInt64] {
        (KernelTable.lines(of: table) ?? []).dropFirst().compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 9, words[3] == "0A", let local = words[1].split(separator: ":").last,
                UInt16(local, radix: 16) == port
            else { return nil }
            return UInt64(words[9])
        }
    }
}

/// Whether an address could be listened at. It is not listened at to find out: a scanner that waits would connect, and what it
/// sends would be lost.
enum TCPAddress {
    /// - Parameter endpoint: `tcp://ADDRESS:PORT`, ADDRESS numeric or `*`; other ones count as free.
    /// - Returns: nil where this machine has no such address; errno says why.
    static func isFree(_ endpoint: String) -> Bool? {
        guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":") else { return true }
        let host = endpoint[endpoint.index(endpoint.startIndex, offsetBy: 6)..<colon]
            .trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        let port = String(endpoint[endpoint.index(after: colon)...])
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV
        if host == "*" { hints.ai_family = AF_INET }
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host == "*" ? nil : host, port, &hints, &found) == 0, let first = found else { return true }
        defer { freeaddrinfo(found) }
        let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // As libzmq does: connections that ended a moment ago are no hindrance.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            return errno == EADDRINUSE ? false : nil
        }
        return true
    }
}
