import Dashboard
import Foundation
import ServiceLifecycle
import Synchronization

extension DashboardOptions {
    /// The dashboard of a line, as a service; nil where there is none to serve.
    ///
    /// - Parameter show: tells a person where it is.
    func service(
        of monitor: InspectionLine, line: String, station: String, show: @escaping @Sendable (String) -> Void
    ) throws -> (any Service)? {
        guard let journal = monitor.journal, let configuration = server else { return nil }
        var sources = DashboardSources(log: JournalLog(journal: journal))
        sources.line = LineDashboard(line: monitor, lineName: line, stationName: station)
        sources.parts = monitor.partPictures?.folder
        sources.models = DashboardModels(line: monitor)
        sources.access = try tokens.map { try TokenFile($0) }
        let opened = OpenFlag()
        let server = DashboardServer(configuration: configuration, sources: sources) { port in
            opened.raise()
            let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
            show("http at http://\(host):\(port)")
        }
        return http == nil ? DispensableDashboard(server: server, opened: opened, address: Self.defaultAddress) : server
    }
}

/// Whether the server came as far as to listen.
private final class OpenFlag: Sendable {
    private let flag = Atomic(false)
    func raise() { flag.store(true, ordering: .releasing) }
    var isRaised: Bool { flag.load(ordering: .acquiring) }
}

/// A dashboard at its default address, which nobody asked for: where another program has the port, the line goes on without.
private struct DispensableDashboard: Service {
    let server: DashboardServer
    let opened: OpenFlag
    let address: String

    func run() async throws {
        do {
            try await server.run()
        } catch  where !opened.isRaised {
            Terminal.error(
                "scanward: no dashboard: \(address) cannot be listened at (\(error)); name another with --http, or none with "
                    + "--http none")
        }
    }
}
