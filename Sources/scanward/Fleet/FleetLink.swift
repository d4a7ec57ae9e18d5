import Foundation
import MonitorConfiguration
import NATSTransport

/// A connection of this process to the fleet's server, and what is told of it on standard error.
struct FleetLink: Sendable {
    let connection: NATSConnection
    let streams: JetStream
    let servers: String

    /// - Parameters:
    ///   - waits: false for a command that is to say at once that nobody is there.
    ///   - changed: is told that the server is reached, or no more; must not wait.
    ///   - ended: is told that the connection is gone for good; must not wait.
    init(
        _ settings: FleetSettings, name: String, waits: Bool = true,
        changed: @escaping @Sendable (_ isConnected: Bool) -> Void = { _ in },
        ended: @escaping @Sendable () -> Void = {}
    ) throws {
        let configuration = NATSConfiguration(settings, name: name)
        let servers = configuration.servers.joined(separator: ", ")
        self.servers = servers
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
                    if waits { Terminal.error("scanward: NATS at \(servers) is reached") }
                    changed(true)
                case .disconnected(let reason):
                    if waits {
                        Terminal.error("scanward: NATS: \(printable(reason)); it is tried again until it is back")
                    }
                    changed(false)
                case .ended:
                    changed(false)
                    ended()
                    if waits {
                        Terminal.error(
                            "scanward: NATS at \(servers) does not let us in any more, and is not asked again: mend "
                                + "fleet.credentials_file, and start this process anew")
                    }
                }
            }
        } catch {
            throw Failure(error.message)
        }
        streams = JetStream(connection)
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
