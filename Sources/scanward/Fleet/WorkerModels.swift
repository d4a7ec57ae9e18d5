import Fleet
import Foundation
import Inspection
import MonitorConfiguration
import ParallelLoops

/// The models of a worker: from its folder, or else from the fleet's store; the last few are held ready.
///
/// Used by one thread.
final class WorkerModels: @unchecked Sendable {
    private struct Key: Hashable {
        var model: String
        var threshold: Double
        var partType: String
    }

    private let folder: String
    private let depot: ModelDepot
    private let workers: Workers
    private var catalogs: [(key: Key, catalog: ModelCatalog)] = []
    /// A network and its template take some tens of MB.
    private static let kept = 16

    init(folder: String, depot: ModelDepot, workers: Workers) throws {
        self.folder = folder
        self.depot = depot
        self.workers = workers
        do throws(SystemFailure) {
            try FolderWriter.makeFolders(folder)
        } catch {
            throw Failure("the folder of models \(folder) cannot be made: \(error)")
        }
    }

    /// SHA-256 of those that are held, the one used last at the end.
    var ids: [String] { catalogs.map(\.key.model) }

    /// What judges a part as its line would.
    func judge(for ticket: PartTicket) throws -> PartJudge {
        let key = Key(model: ticket.model.id, threshold: ticket.model.threshold, partType: ticket.judgedAs)
        let catalog = try catalog(key)
        let builder = VerdictBuilder(
            line: ticket.line, station: ticket.station, configHash: ticket.configHash, epoch: "", head: 0)
        return PartJudge(
            scoring: ScoringConfiguration(catalog: catalog, partType: ticket.judgedAs), builder: builder)
    }

    private func catalog(_ key: Key) throws -> ModelCatalog {
        if let index = catalogs.firstIndex(where: { $0.key == key }) {
            let found = catalogs.remove(at: index)
            catalogs.append(found)
            return found.catalog
        }
        let catalog = try read(key)
        if catalogs.count >= Self.kept { catalogs.removeFirst() }
        catalogs.append((key, catalog))
        return catalog
    }

    private func read(_ key: Key) throws -> ModelCatalog {
        let place = URL(filePath: folder).appending(path: key.model)
        if !FileManager.default.fileExists(atPath: place.path) { try depot.fetch(key.model, to: place) }
        let types = [MonitorSettings.PartType(name: key.partType, model: place.path, threshold: key.threshold)]
        let catalog: ModelCatalog
        do {
            catalog = try ModelCatalog(reading: [], partTypes: types, workers: workers)
            guard let found = catalog.entry(for: key.partType)?.identity.id, found == key.model else {
                throw Failure("\(place.path) does not hold the model that its name says")
            }
        } catch {
            // Damaged here, or in the store: the next part has it fetched anew.
            try? FileManager.default.removeItem(at: place)
            throw error
        }
        return catalog
    }
}
