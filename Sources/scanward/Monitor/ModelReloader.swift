import Dispatch
import Foundation
import Inspection
import Journal
import ParallelLoops
import Synchronization
import Threads

/// Reads the models anew on SIGHUP, and hands them to the scorer between two parts.
///
/// What is reloaded: every model folder named by `--model`, with its threshold. Only a set that is whole and sound is
/// taken, as at the start; else the models in use stay. A verdict comes from one set alone.
final class ModelReloader: Sendable {
    private let paths: [String]
    private let workers: Workers
    private let current: Mutex<ModelCatalog>
    private let waiting = Mutex<ModelCatalog?>(nil)
    private let queue = DispatchQueue(label: "scanward.reload")
    private let didRefuse: @Sendable (String) -> Void

    /// - Parameter didRefuse: is told why models were not taken.
    init(
        paths: [String], workers: Workers, catalog: ModelCatalog, didRefuse: @escaping @Sendable (String) -> Void
    ) {
        self.paths = paths
        self.workers = workers
        self.didRefuse = didRefuse
        current = Mutex(catalog)
    }

    /// Begins to read them, on a queue of its own; `completion` runs there once they wait for the scorer, or were refused.
    func reload(then completion: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            readAnew()
            completion()
        }
    }

    /// The set to score with from now on, if there is a new one. Called by the scorer, between two parts.
    func take() -> ModelCatalog? {
        waiting.withLock { catalog in
            defer { catalog = nil }
            return catalog
        }
    }

    private func readAnew() {
        do {
            let present = current.withLock { $0 }
            let catalog = try ModelCatalog(reading: paths, workers: workers, reusing: present)
            guard catalog.modelIDs != present.modelIDs else {
                Terminal.error("scanward: SIGHUP: the models are those in use")
                return
            }
            current.withLock { $0 = catalog }
            waiting.withLock { $0 = catalog }
            Terminal.error("scanward: SIGHUP: from the next part on scored by \(catalog.description)")
        } catch {
            let reason = (error as? Failure)?.description ?? "\(error)"
            Terminal.error("scanward: SIGHUP: \(printable(reason)); the models in use stay")
            didRefuse(reason)
        }
    }
}

extension ModelCatalog {
    /// What differs between two sets, by part type.
    func changes(from other: ModelCatalog, configHash: String) -> [ModelChange] {
        Set(partTypes).union(other.partTypes).sorted().compactMap { type in
            let before = other.entry(for: type)?.identity.id, after = entry(for: type)?.identity.id
            guard before != after else { return nil }
            return ModelChange(
                partType: type, from: before, to: after, configHash: configHash,
                nanoseconds: SystemClock.unixNanoseconds)
        }
    }
}
