import Foundation
import MonitorConfiguration
import NATSTransport
import Threads

/// A connection of this process to the fleet's server, and what is told of it on standard error.
struct FleetLink: Sendable {
    let connection: NATSConnection
    let streams: JetStream
    let servers: String
    /// How often the server did not let us in since the start, and why now; nil while it does.
    private let refusal: Monitor<(count: Int, why: String?)>

    /// - Parameters:
    ///   - waits: false for a command that is to say at once that nobody is there.
    ///   - changed: is told that the server is reached, or no more; must not wait.
    init(
        _ settings: FleetSettings, name: String, waits: Bool = true,
        changed: @escaping @Sendable (_ isConnected: Bool) -> Void = { _ in }
    ) throws {
        let configuration = NATSConfiguration(settings, name: name)
        let servers = configuration.servers.joined(separator: ", ")
        self.servers = servers
        let refusal = Monitor<(count: Int, why: String?)>((0, nil))
        self.refusal = refusal
        do throws(NATSError) {
            // Who is not let in is told so at the start, and not to wait; who finds nobody waits.
            if waits {
                do throws(NATSError) {
                    try NATSConnection(configuration, waits: false).close()
                } catch {
                    guard error.isTransient else { throw error }
                }
            }
            connection = try NATSConnection(configuration, waits: waits) { event in
                switch event {
                case .connected:
                    refusal.withLock { $0.why = nil }
                    if waits { Terminal.error("scanward: NATS at \(servers) is reached") }
                    changed(true)
                case .disconnected(let reason):
                    if waits {
                        Terminal.error("scanward: NATS: \(printable(reason)); it is tried again until it is back")
                    }
                    changed(false)
                case .refused(let why):
                    let isNews = refusal.withLock { refusal in
                        defer { refusal = (refusal.count + 1, why) }
                        return refusal.why == nil
                    }
                    changed(false)
                    guard waits, isNews else { return }
                    Terminal.error(
                        "scanward: NATS at \(servers) does not let us in any more, and is asked again every 30 s: mend "
                            + "fleet.credentials_file, which is read anew each time")
                }
            }
        } catch {
            throw Failure(error.message)
        }
        streams = JetStream(connection)
    }

    var refusals: Int { refusal.withLock { $0.count } }

    /// Why no server is reached now, in a sentence without an end; nil while one is.
    var absence: String? { streams.isConnected ? nil : whyAway }

    /// The same of one that was away a moment ago.
    var whyAway: String {
        let isRefused = refusal.withLock { $0.why != nil }
        return isRefused
            ? "NATS at \(servers) does not let us in (fleet.credentials_file)"
            : "no NATS server is reached at \(servers)"
    }
}

extension NATSConfiguration {
    init(_ settings: FleetSettings, name: String) {
        self.init(servers: settings.servers, name: name)
        credentialsFile = settings.credentialsFile
        caFile = settings.caFile
        certificateFile = settings.certificateFile
        keyFile = settings.keyFile
    }
}
