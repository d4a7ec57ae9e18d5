import Foundation
import Journal
import MonitorConfiguration
import NeuralNetwork
import Threads
import ZeroMQ

/// What does not depend on any scanner: libraries, keys, clock, disk, journal, ports.
enum MachineChecks {
    static func libraries(_ options: DoctorOptions) -> [Finding] {
        let version = ZeroMQLibrary.version
        let findings =
            if ZeroMQLibrary.hasCurve {
                Finding.ok("libraries", "libzmq \(version) with CURVE")
            } else {
                Finding.look(
                    "libraries", .noCurve,
                    "libzmq \(version) was built without CURVE: nothing can be encrypted, and no key is of any use",
                    do: "install Debian's libzmq5, or build libzmq with libsodium (--with-libsodium --enable-curve)"
                        + (options.access.curveSecret == nil
                            ? "; without keys the line runs on this machine alone" : ""))
            }
        return [findings, .ok("libraries", MatrixProduct.library)]
    }

    /// What is wrong with the file and what goes before it; what it refers to has lines of its own.
    static func configuration(_ options: DoctorOptions) -> [Finding] {
        let place = options.source.file ?? "no file; options and defaults"
        let faults = options.effective.faults.filter { $0.key != ConfigurationKey.models.name }
        guard !faults.isEmpty else { return [.ok("config", place)] }
        return faults.map { fault in
            fault.isWarning
                ? .ok("config", fault.description)
                : .look(
                    "config", .badConfiguration, fault.description,
                    do: "correct it; `scanward config check` says whether it is well then")
        }
    }

    /// Keys and the allow-list, as far as they are named.
    static func keys(_ options: DoctorOptions) -> [Finding] {
        let access = options.access
        guard let secret = access.curveSecret else {
            return [.skipped("keys", "no --curve-secret: nothing is encrypted, and only this machine may connect")]
        }
        var findings: [Finding] = []
        do {
            let keys = try KeyFile.read(secret)
            findings.append(.ok("keys", "\(secret): public key \(keys.publicKey)"))
        } catch {
            findings.append(
                .look("keys", .wrongKey, "\(error)", do: "make one with `scanward keys generate FILE`, mode 0600"))
        }
        if let list = access.allowList {
            do {
                let names = try AllowListFile.read(list).entries.map(\.name)
                findings.append(
                    names.isEmpty
                        ? .look(
                            "keys", .wrongKey, "\(list) names no key: nobody can connect",
                            do: "scanward keys allow NAME KEY --allow-list \(list)")
                        : .ok("keys", "\(list): \(names.joined(separator: ", ")) may connect"))
            } catch {
                findings.append(
                    .look("keys", .wrongKey, "\(error)", do: "write it anew with `scanward keys allow NAME KEY`"))
            }
        }
        for server in access.serverKeys {
            do {
                findings.append(.ok("keys", "--server-key \(try ClientKeyOptions.key(server))"))
            } catch {
                findings.append(
                    .look("keys", .wrongKey, "--server-key: \(error)", do: "give the scanner's public key"))
            }
        }
        return findings
    }

    /// Whether this machine's clock went back since the last verdict; scanners are compared with it by what they send.
    static func clock(_ options: DoctorOptions) -> Finding {
        let now = SystemClock.unixNanoseconds
        let keepers = ["/run/systemd/timesync/synchronized", "/run/chrony", "/run/ntpd.pid", "/run/ptp4l"]
        let isKept = keepers.contains { FileManager.default.fileExists(atPath: $0) }
        if let state = options.settings.stateFolder,
            let reader = try? StateFolder(state).reader(),
            let last = try? reader.lastVerdicts(limit: 1).last, last.decidedNanoseconds > now + 5_000_000_000
        {
            return .look(
                "clock", .clockOff,
                "it is \(timeText(now)) here, and the last verdict is of \(timeText(last.decidedNanoseconds)): the clock was set back",
                do: "set it right, and keep it by NTP (`timedatectl set-ntp true`)")
        }
        return .ok("clock", "\(timeText(now)) here, \(isKept ? "kept by NTP or PTP" : "and no NTP is seen to keep it")")
    }

    private static let wantedBytes: UInt64 = 1 << 30, neededBytes: UInt64 = 16 << 20

    static func disk(_ options: DoctorOptions) -> [Finding] {
        [("journal", options.settings.stateFolder), ("heat maps", options.settings.heatmapFolder)].compactMap {
            name, path in
            path.map { disk($0, for: name) }
        }
    }

    private static func disk(_ path: String, for name: String) -> Finding {
        var place = URL(filePath: path).standardizedFileURL
        while !FileManager.default.fileExists(atPath: place.path), place.path != "/" { place.deleteLastPathComponent() }
        guard let free = SystemDisk().freeBytes(at: place.path) else {
            return .look(
                "disk", .diskFull, "\(path): its file system cannot be asked for room",
                do: "look at the mount with `df \(place.path)`")
        }
        let text = "\(name) at \(path): \(free >> 20) MiB free"
        if free < neededBytes {
            return .look(
                "disk", .diskFull, text + ": the disk is full; verdicts are held back until they can be stored",
                do: "free at least \(wantedBytes >> 20) MiB there; `scanward journal compact` removes old verdicts, "
                    + "`run --keep-size` limits them")
        }
        return .ok("disk", text + (free < wantedBytes ? ", which is little" : ""))
    }

    /// The journal, as far as it can be told beside a monitor too.
    static func journal(_ options: DoctorOptions) -> [Finding] {
        guard let path = options.settings.stateFolder else {
            return [.skipped("journal", "no --state: verdicts are not kept, and what nobody receives is lost")]
        }
        let folder = StateFolder(path), manager = FileManager.default
        if let refusal = FolderAccess.refusal(path) {
            return [
                .look(
                    "journal", .noAccess, refusal,
                    do:
                        "run doctor so, and it sees what the monitor sees: now it knows neither its journal nor its models"
                )
            ]
        }
        var findings: [Finding] = []
        var place = URL(filePath: path).standardizedFileURL
        let isThere = manager.fileExists(atPath: place.path)
        while !manager.fileExists(atPath: place.path), place.path != "/" { place.deleteLastPathComponent() }
        for file in [place.path] + [folder.database, folder.log].filter(manager.fileExists)
        where access(file, W_OK) != 0 {
            findings.append(
                .look(
                    "journal", .journalReadOnly, "\(file) cannot be written: \(String(cString: strerror(errno)))",
                    do:
                        "give the monitor's user the folder (`chown -R USER \(path)`), and mount its file system writable; "
                        + "until then no verdict can be stored, and none is published"))
        }
        guard isThere, manager.fileExists(atPath: folder.database) else {
            if findings.isEmpty { findings.append(.ok("journal", "\(path): none yet; the monitor makes it")) }
            return findings
        }
        do throws(JournalError) {
            let check = try JournalCheck.run(folder: folder)
            if check.problems.isEmpty {
                findings.append(
                    .ok(
                        "journal",
                        "\(path): sound, \(check.checkedVerdicts) verdicts up to \(check.head)"
                            + (folder.owner.map { ", in use by process \($0)" } ?? "")))
            } else {
                findings.append(
                    .look(
                        "journal", .journalDamaged, "\(path): \(check.problems.prefix(3).joined(separator: "; "))",
                        do:
                            "start the monitor, which sets it aside and begins a new one; `scanward journal export` reads what "
                            + "can be read"))
            }
        } catch {
            // A file system that is read-only keeps SQLite from its lock file, too.
            if findings.isEmpty {
                findings.append(
                    .look(
                        "journal", error.code == .notAccessible ? .journalReadOnly : .journalDamaged, error.message,
                        do: "look at the owner and the rights of \(path)"))
            }
        }
        return findings
    }

    /// Whether the monitor could listen where it is to, or does.
    static func ports(_ options: DoctorOptions, monitor: RunningLine?) -> [Finding] {
        options.listening.map { port($0.endpoint, for: $0.name, options, monitor) }
    }

    private static func port(
        _ endpoint: String, for name: String, _ options: DoctorOptions, _ monitor: RunningLine?
    ) -> Finding {
        if endpoint.hasPrefix("ipc://") { return ipc(endpoint, for: name, monitor) }
        let number = endpoint.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
        switch TCPAddress.isFree(endpoint) {
        case true?:
            if let monitor {
                return .look(
                    "ports", .badEndpoint,
                    "\(name): the monitor (process \(monitor.pid)) does not listen at \(endpoint)",
                    do: "compare the endpoints that it was started with: \(monitor.arguments.joined(separator: " "))")
            }
            return .ok("ports", "\(name): \(endpoint) is free")
        case nil:
            return .look(
                "ports", .badEndpoint,
                "\(name): \(endpoint) cannot be listened at: \(String(cString: strerror(errno)))",
                do: "`ip address` lists this machine's addresses; tcp://127.0.0.1:PORT is this machine alone")
        case false?:
            guard let owner = PortOwner.find(port: number) else {
                if let monitor {
                    return .ok(
                        "ports", "\(name): \(endpoint) is taken, by the monitor (process \(monitor.pid)) it seems")
                }
                return .look(
                    "ports", .portTaken, "\(name): \(endpoint) is taken by another user's process",
                    do: "find it with `sudo ss -ltnp 'sport = :\(number)'`, and stop it or choose another port")
            }
            if owner.pid == monitor?.pid {
                return .ok("ports", "\(name): the monitor (process \(owner.pid)) listens at \(endpoint)")
            }
            return .look(
                "ports", .portTaken, "\(name): \(endpoint) is taken by process \(owner.pid) (\(owner.name))",
                do: "stop that process, or choose another port")
        }
    }

    /// libzmq would take a path over from whoever listens there: so it is only looked for.
    private static func ipc(_ endpoint: String, for name: String, _ monitor: RunningLine?) -> Finding {
        let path = String(endpoint.dropFirst("ipc://".count))
        if isHeard(path) {
            return monitor != nil
                ? .ok("ports", "\(name): the monitor listens at \(endpoint)")
                : .look(
                    "ports", .portTaken, "\(name): another process listens at \(endpoint)",
                    do: "stop it, or choose another path; `ss -lxp` names it")
        }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard access(folder, W_OK) == 0 else {
            return .look(
                "ports", .badEndpoint, "\(name): \(folder) cannot be written: \(String(cString: strerror(errno)))",
                do: "make the folder, and let the monitor's user write to it")
        }
        if let monitor {
            return .look(
                "ports", .badEndpoint, "\(name): the monitor (process \(monitor.pid)) does not listen at \(endpoint)",
                do: "compare the endpoints that it was started with")
        }
        return .ok("ports", "\(name): \(endpoint) is free")
    }

    /// Whether a socket listens at a path, told by proc_net_unix(5): connecting would look like a peer that hangs up.
    ///
    /// The kernel tells its table in pieces, and passes over a socket where others come and go in between: then it is asked
    /// again.
    private static func isHeard(_ path: String) -> Bool {
        (0..<5).contains { _ in
            KernelTable.lines(of: "/proc/net/unix")?.contains { line in
                let words = line.split(separator: " ", maxSplits: 7)
                // __SO_ACCEPTCON: it accepts connections.
                return words.count == 8 && words[7] == path && (UInt32(words[3], radix: 16) ?? 0) & 0x10000 != 0
            } ?? false
        }
    }

    static func models(_ options: DoctorOptions) -> [Finding] {
        guard !options.models.isEmpty else {
            return [
                .look(
                    "models", .noModel, "no model is named: nothing can be judged",
                    do: "teach one with `scanward teach --type TYPE GOOD...`, and give its folder with --model")
            ]
        }
        return options.models.flatMap { path -> [Finding] in
            let entries = ModelListing.entries(in: URL(filePath: path))
            if entries.isEmpty, let refusal = FolderAccess.refusal(path) {
                return [.look("models", .noAccess, refusal, do: "run doctor so, and it reads what the monitor reads")]
            }
            guard !entries.isEmpty else {
                return [
                    .look(
                        "models", .noModel, "no model is in \(path)",
                        do: "teach one with `scanward teach --type TYPE --out \(path)/TYPE GOOD...`")
                ]
            }
            return entries.map(model)
        }
    }

    private static func model(_ entry: ModelListing.Entry) -> Finding {
        guard let current = entry.versions.first(where: \.isCurrent) else {
            return .look(
                "models", .modelCorrupt, "\(entry.folder.path): `current` names no version that is there",
                do: "scanward models promote --type \(entry.partType) VERSION")
        }
        switch current.content {
        case .failure(let failure):
            return .look(
                "models", .modelCorrupt, failure.description,
                do: entry.versions.count > 1
                    ? "scanward models rollback \(entry.partType), or restore the folder from a copy"
                    : "restore the folder from a copy, or teach the type again")
        case .success(let model):
            return .ok(
                "models",
                "\(entry.partType): sound, threshold \(String(format: "%.3f", model.manifest.threshold.value)), id "
                    + model.id.prefix(12))
        }
    }
}
