import Foundation
import HeatMaps
import Inspection
import Synchronization
import Threads

/// Keeps judged parts for the dashboard, on a thread of its own. The line never waits for it: what it cannot take is
/// dropped, and counted by why.
final class PartPictureWriter: Sendable {
    /// Why a part was not kept.
    enum Drop: String, CaseIterable, Sendable {
        /// As many as may wait were waiting.
        case busy
        /// The disk has little room, and that is the journal's.
        case room
        /// The file could not be written.
        case failed
        /// Another part that is ok was kept within the second before.
        case rate
    }

    let folder: PartPictureFolder
    private let limits: PartPictureLimits
    /// What is written beside the line.
    private enum Work: Sendable {
        case part(PartJudge.Judgement)
        case templates(ModelCatalog)
    }

    private let queue: BoundedQueue<Work>
    private let counted = Counted()
    private let thread: JoinableThread

    /// What was kept and dropped since the start.
    struct Counts: Sendable {
        var kept = 0
        var dropped: [Drop: Int] = [:]
        /// Result ids of what waits to be written.
        fileprivate var pending: Set<String> = []
        fileprivate var nextOK: UInt64 = 0
        fileprivate var hasTold = false
    }

    init(folder: PartPictureFolder, limits: PartPictureLimits) {
        self.folder = folder
        self.limits = limits
        let queue = BoundedQueue<Work>(capacity: limits.queue, costLimit: limits.queueBytes) { work in
            if case .part(let judgement) = work { (judgement.map?.points.count ?? 0) * 48 } else { 0 }
        }
        self.queue = queue
        let counted = counted
        thread = JoinableThread(name: "clouds") {
            while case .element(let work) = queue.receive() {
                switch work {
                case .part(let judgement):
                    Self.write(judgement, to: folder, counted)
                    counted.settle(judgement)
                case .templates(let catalog): Self.write(catalog, to: folder, counted)
                }
            }
        }
    }

    deinit { stop() }

    var statistics: Counts { counted.counts.withLock { $0 } }
    var queueStatistics: QueueStatistics { queue.statistics }
    var queueCapacity: Int { queue.capacity }

    /// Keeps templates of models that come into use. Returns at once.
    func keepTemplates(of catalog: ModelCatalog) {
        if queue.send(.templates(catalog), deadline: 0) != .accepted { counted.drop(.busy) }
    }

    private static func write(_ catalog: ModelCatalog, to folder: PartPictureFolder, _ counted: Counted) {
        guard folder.hasRoom else { return counted.drop(.room) }
        let entries = catalog.partTypes.compactMap { catalog.entry(for: $0) }
        do {
            try folder.keepTemplates(entries.map { entry in (entry.identity.id, { try template(of: entry) }) })
        } catch {
            counted.tell("templates were not kept for the dashboard: \(error.localizedDescription)")
        }
    }

    /// A model's taught surface, as `part-cloud/1`.
    static func template(of entry: ModelCatalog.Entry) throws -> [UInt8] {
        try PartCloud(surface: entry.scorer.model.template.surface.points, model: entry.identity.id).bytes()
    }

    /// Takes over a part, if there is something of it to see and room for it. Returns at once.
    func offer(_ judgement: PartJudge.Judgement) {
        guard judgement.map != nil else { return }
        let isOK = judgement.verdict.evaluation == .ok
        if isOK {
            let now = SystemClock().now
            let isDue = counted.counts.withLock { counts in
                guard now >= counts.nextOK else { return false }
                counts.nextOK = SystemClock().after(limits.okInterval)
                return true
            }
            guard isDue else { return counted.drop(.rate) }
        }
        counted.counts.withLock { _ = $0.pending.insert(judgement.verdict.resultID) }
        guard queue.send(.part(judgement), deadline: 0) != .accepted else { return }
        counted.drop(.busy)
        counted.settle(judgement)
    }

    /// Whether a part was taken over, and is not written yet.
    func isPending(resultID: String) -> Bool { counted.counts.withLock { $0.pending.contains(resultID) } }

    /// Writes what it took over, and ends.
    func stop() {
        queue.close()
        thread.join()
    }

    private static func write(_ judgement: PartJudge.Judgement, to folder: PartPictureFolder, _ counted: Counted) {
        guard let map = judgement.map else { return }
        guard folder.hasRoom else { return counted.drop(.room) }
        let verdict = judgement.verdict
        var cloud = PartCloud(
            map, offset: judgement.coordinateOrigin, threshold: Float(verdict.threshold ?? 0),
            channelThresholds: judgement.entry?.scorer.model.channelThresholds ?? [:])
        cloud.header.model = verdict.model?.id
        cloud.header.templatePose = judgement.registration.map { registration in
            let pose = registration.transform.inverse, rows = pose.rotation.rows
            return [rows.0, rows.1, rows.2, pose.translation].flatMap { [$0.x, $0.y, $0.z] }
        }
        do {
            try folder.keep(
                cloud.bytes(), resultID: verdict.resultID, decidedNanoseconds: verdict.times.decidedNs,
                isFailed: verdict.evaluation != .ok, model: verdict.model?.id)
            counted.counts.withLock { $0.kept += 1 }
        } catch {
            counted.drop(.failed)
            counted.tell(
                "part \(printable(verdict.partID)) was not kept for the dashboard: \(error.localizedDescription)")
        }
    }

    private final class Counted: Sendable {
        let counts = Mutex(Counts())

        func drop(_ why: Drop) { counts.withLock { $0.dropped[why, default: 0] += 1 } }

        func settle(_ judgement: PartJudge.Judgement) {
            counts.withLock { _ = $0.pending.remove(judgement.verdict.resultID) }
        }

        /// Once: a disk that fails does so for each part.
        func tell(_ sentence: String) {
            let isFirst = counts.withLock { counts in
                defer { counts.hasTold = true }
                return !counts.hasTold
            }
            if isFirst { Terminal.error("scanward: \(sentence) (further ones are only counted)") }
        }
    }
}

extension PartModel {
    /// For each channel the score by which it alone would reach the part's threshold: the power mean of one channel among
    /// k is k^(-1/p) of it.
    var channelThresholds: [Channel: Float] {
        let fusion = calibration.fusion, channels = settings.channels
        let alone = Float(pow(Double(max(1, channels.count)), 1 / fusion.order))
        return Dictionary(
            uniqueKeysWithValues: channels.map { channel in
                let unit = fusion.usesChannelLimits ? calibration.channelLimits[channel] ?? 1 : 1
                return (channel, Float(calibration.threshold.value) * alone * unit)
            })
    }
}
