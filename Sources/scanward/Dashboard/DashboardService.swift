import Dashboard
import Foundation
import ServiceLifecycle
import Synchronization

/// The dashboard of a line, as a service.
enum DashboardService {
    /// nil where there is none to serve.
    ///
    /// - Parameter show: tells a person where it is.
    static func make(of monitor: InspectionLine, show: @escaping @Sendable (String) -> Void) throws -> (any Service)? {
        let settings = monitor.configuration.settings
        guard let journal = monitor.journal, let address = settings.http else { return nil }
        var configuration = DashboardServer.Configuration(host: address.host, port: address.port)
        configuration.threeFolder = settings.threeFolder
        configuration.hostNames = Set(settings.httpNames.map { $0.lowercased() })
        var sources = DashboardSources(log: JournalLog(journal: journal))
        sources.line = LineDashboard(line: monitor, lineName: settings.line, stationName: settings.station)
        sources.parts = monitor.partPictures.map { LineGallery(folder: $0.folder, line: monitor) }
        sources.models = DashboardModels(line: monitor)
        sources.access = try settings.tokensFile.map { try TokenFile($0) }
        let opened = OpenFlag()
        let server = DashboardServer(
            configuration: configuration, sources: sources,
            didFail: { sentence in
                monitor.activity.noteFailedRequest()
                if let sentence { Terminal.error("scanward: http: \(sentence)") }
            }
        ) { port in
            opened.raise()
            let host = address.host.contains(":") ? "[\(address.host)]" : address.host
            show("http at http://\(host):\(port)")
        }
        return settings.isHTTPGiven
            ? server
            : DispensableDashboard(server: server, opened: opened, address: "\(address.host):\(address.port)")
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
