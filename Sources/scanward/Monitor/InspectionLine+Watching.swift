import Foundation
import Ingest
import Threads

/// What others see of a running line.
extension InspectionLine {
    static func partPictures(_ configuration: LineConfiguration) throws -> PartPictureWriter? {
        guard configuration.settings.http != nil, let state = configuration.state else { return nil }
        let limits = PartPictureLimits()
        let folder = try PartPictureFolder(URL(filePath: state.path).appending(path: "parts"), limits: limits)
        return PartPictureWriter(folder: folder, limits: limits)
    }

    /// One of its queues.
    struct QueueWatch: Sendable {
        let name: String
        let statistics: QueueStatistics
        let capacity: Int
    }

    /// From the socket to the disk.
    var queues: [QueueWatch] {
        var queues: [QueueWatch] = []
        if let socket = source as? ZeroMQFrameSource {
            queues.append(.init(name: "frames", statistics: socket.queueStatistics, capacity: socket.queueCapacity))
        }
        queues.append(.init(name: "parts", statistics: parts.statistics, capacity: parts.capacity))
        if let pictures = pictures?.queue {
            queues.append(.init(name: "pictures", statistics: pictures.statistics, capacity: pictures.capacity))
        }
        if let partPictures {
            queues.append(
                .init(name: "clouds", statistics: partPictures.queueStatistics, capacity: partPictures.queueCapacity))
        }
        if let journal {
            queues.append(
                .init(name: "journal", statistics: journal.queueStatistics, capacity: journal.queueCapacity))
        }
        return queues
    }

    /// Whether it takes other lines' verdicts.
    var isHub: Bool { fleet?.hub != nil }

    /// What a person should know of the fleet; nil while it goes on.
    var fleetWarning: String? {
        if let why = fleet?.hub?.link.absence { return "\(why): lines keep their verdicts until then" }
        guard let pool = fleet?.pool, let why = pool.link.absence else { return nil }
        return "\(why): \(pool.depth.parts) parts wait for the fleet"
    }

    /// What came in, by scanner.
    var counters: IngestCounters { source.counters }

    /// Which scanners are connected; empty for a recording.
    var presence: [String: SourceTracker.Source] { (source as? ZeroMQFrameSource)?.sources ?? [:] }

    var isSimulated: Bool { source.isSimulated }
    var heldBackNanoseconds: UInt64 { source.heldBack }

    /// What the next part is scored by.
    var catalog: ModelCatalog { reloader.scoring.catalog }
}
