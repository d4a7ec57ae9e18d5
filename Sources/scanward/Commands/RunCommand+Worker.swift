import Foundation
import Logging
import ServiceLifecycle
import ServiceManager

/// `scanward run --role score`.
extension RunCommand {
    func score(_ configuration: LineConfiguration) async throws {
        // A worker has nothing to read anew: models come with the parts.
        signal(SIGHUP, SIG_IGN)
        let worker = try ScoringWorker(configuration.settings, untilParts: untilParts)
        let notifier = try serviceNotifier { worker.status }
        defer { notifier?.close() }
        var group = ServiceGroupConfiguration(
            services: [.init(service: worker, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "scanward") { _ in SwiftLogNoOpLogHandler() })
        group.maximumGracefulShutdownDuration = .seconds(60)
        Terminal.output(
            "worker \(worker.name) of the fleet at \(configuration.settings.fleet.servers.joined(separator: ", "))")
        notifier?.ready(watching: worker.progress)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let failure as Failure {
            throw failure
        } catch is CancellationError {
            // A part took longer than the grace that it was given: it is another worker's.
        }
        notifier?.stopping()
        Terminal.output(worker.status)
    }
}
