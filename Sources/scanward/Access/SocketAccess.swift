import Foundation
import ZeroMQ

/// How a process's sockets are protected, and the gate at those that listen.
final class SocketAccess: Sendable {
    /// For sockets that listen.
    let server: SocketSecurity
    /// For sockets that connect: one for all, or one for each.
    private let clients: [SocketSecurity]
    /// Whether sockets without CURVE may be reached by other machines.
    let allowInsecure: Bool

    private let gate: AccessGate?
    private let file: AllowListFile?

    /// - Parameters:
    ///   - listens, connects: what sockets there will be: with CURVE, those that listen need an allow-list, those that
    ///     connect the peer's key.
    ///   - refused: is told of each refusal that is reported, too.
    ///   - report: is told what people should know, on the gate's thread.
    init(
        _ configuration: AccessConfiguration, listens: Bool, connects: Bool, context: Context,
        refused: @escaping @Sendable (String) -> Void = { _ in }, report: @escaping @Sendable (String) -> Void
    ) throws {
        allowInsecure = configuration.allowInsecure
        guard let secret = configuration.curveSecret else {
            for (name, value) in [
                ("--allow-list", configuration.allowList), ("--server-key", configuration.serverKeys.first),
            ] where value != nil {
                throw Failure("\(name) goes with --curve-secret FILE: without a key of our own nothing is encrypted")
            }
            (server, clients, gate, file) = (.none, [.none], nil, nil)
            return
        }
        let keys = try KeyFile.read(secret)
        if connects {
            guard !configuration.serverKeys.isEmpty else {
                throw Failure(
                    "--connect with --curve-secret: expected --server-key KEY too, the scanner's public key; without it "
                        + "anyone could stand in for the scanner")
            }
            clients = try configuration.serverKeys.map { .curveClient(keys, server: try ClientKeyOptions.key($0)) }
        } else {
            guard configuration.serverKeys.isEmpty else {
                throw Failure("--server-key goes with --connect: here others connect, and --allow-list names them")
            }
            clients = [.none]
        }
        guard listens else {
            guard configuration.allowList == nil else {
                throw Failure("--allow-list: nothing listens here, so that nobody can be let in")
            }
            (server, gate, file) = (.none, nil, nil)
            return
        }
        guard let path = configuration.allowList else {
            throw Failure(
                "--curve-secret: expected --allow-list FILE too, the public keys that may connect. Encryption without it "
                    + "lets in whoever makes a key; `scanward keys allow NAME KEY --allow-list FILE` makes one")
        }
        let file = try AllowListFile(path, report: report)
        if file.initial.entries.isEmpty { report("\(path) names no key: nobody can connect") }
        let gate = try AccessGate(context: context, allowList: file.initial, refresh: { file.refresh() }) { refusal in
            Self.tell(refusal) {
                report($0)
                refused($0)
            }
        }
        (server, self.gate, self.file) = (.curveServer(keys, gate: gate), gate, file)
    }

    /// For the socket that connects to the `place`-th peer.
    func client(_ place: Int = 0) -> SocketSecurity { clients.count == 1 ? clients[0] : clients[place] }

    /// Has the allow-list read anew.
    func reload() { file?.reload() }

    /// Has another reading of the allow-list used, and its file followed from now on.
    func take(_ reading: AllowListFile.Reading) { file?.take(reading) }

    /// Who was let in and who was not, as lines for a summary.
    var lines: [String] {
        guard let counts = gate?.counts else { return [] }
        let admitted = counts.admitted.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        var lines = ["admitted by key: \(admitted.isEmpty ? "nobody" : admitted.joined(separator: ", "))"]
        guard counts.refused > 0 else { return lines }
        let keys = counts.refusedKeys.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        lines.append("refused \(counts.refused) connections with \(keys.count) keys that are not on the allow-list")
        lines += keys.prefix(8).map { "    \($0.value)  \(printable($0.key))" }
        return lines
    }

    /// The first refusals of a key, then each tenfold of them.
    private static func tell(_ refusal: AccessGate.Refusal, _ report: (String) -> Void) {
        guard [1, 10, 100, 1000, 10_000, 100_000, 1_000_000].contains(refusal.count) else { return }
        let times = refusal.count == 1 ? "" : " for the \(refusal.count)th time"
        report(Self.refusal(of: refusal.key) + "from \(printable(refusal.address))\(times): not on the allow-list")
    }

    /// What every sentence about a refused key begins with: by it one that was let in since is known.
    static func refusal(of key: String) -> String { "refused the key \(printable(key)) " }
}

/// Lets a process have as many connections as the system gives it: half-open ones of a port scan must not take the last.
func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else {
        return
    }
    limit.rlim_cur = min(limit.rlim_max, 65536)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
