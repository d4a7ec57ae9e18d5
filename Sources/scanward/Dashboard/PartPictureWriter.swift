import Fleet
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
        /// A worker of the fleet was to send it, and it did not come, or not whole.
        case missing
    }

    let folder: PartPictureFolder
    private let limits: PartPictureLimits
    /// What is written beside the line.
    private enum Work: Sendable {
        case part(PartJudge.Judgement)
        case cloud([UInt8], Verdict)
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
        /// Of what a worker is to send, with the instant from which on it is not waited for any more.
        fileprivate var expected: [String: UInt64] = [:]
        fileprivate var nextOK: UInt64 = 0
        fileprivate var hasTold = false
    }

    init(folder: PartPictureFolder, limits: PartPictureLimits) {
        self.folder = folder
        self.limits = limits
        let queue = BoundedQueue<Work>(capacity: limits.queue, costLimit: limits.queueBytes) { work in
            switch work {
            case .part(let judgement): (judgement.map?.points.count ?? 0) * 48
            case .cloud(let bytes, _): bytes.count
            case .templates: 0
            }
        }
        self.queue = queue
        let counted = counted
        thread = JoinableThread(name: "clouds") {
            while case .element(let work) = queue.receive() {
                switch work {
                case .part(let judgement):
                    Self.write(judgement, to: folder, counted)
                    counted.settle(judgement.verdict.resultID)
                case .cloud(let bytes, let verdict):
                    Self.write(bytes, verdict, to: folder, counted)
                    counted.settle(verdict.resultID)
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
        if judgement.verdict.evaluation == .ok, !takesOK() { return counted.drop(.rate) }
        send(.part(judgement), of: judgement.verdict.resultID)
    }

    /// Whether a part that is ok is kept now: one in each interval.
    private func takesOK() -> Bool {
        let now = SystemClock().now
        return counted.counts.withLock { counts in
            guard now >= counts.nextOK else { return false }
            counts.nextOK = SystemClock().after(limits.okInterval)
            return true
        }
    }

    private func send(_ work: Work, of resultID: String) {
        counted.counts.withLock { _ = $0.pending.insert(resultID) }
        guard queue.send(work, deadline: 0) != .accepted else { return }
        counted.drop(.busy)
        counted.settle(resultID)
    }

    /// Whether a part was taken over, or is to come, and is not written yet.
    func isPending(resultID: String) -> Bool {
        counted.counts.withLock { counts in
            counts.pending.contains(resultID) || counts.expected[resultID].map { SystemClock().now < $0 } ?? false
        }
    }

    // MARK: Of the fleet

    /// How long a cloud is waited for once its verdict is there.
    private static let patience = Duration.seconds(60)
    /// Clouds that are waited for; beyond that nobody is told that one is to come.
    private static let mostExpected = 1000

    /// Of which parts that are handed to a fleet the cloud is wanted.
    func wish() -> PartTicket.Cloud { takesOK() ? .all : .failed }

    /// The verdict on a part of a fleet is there; what is to be seen of it comes from its worker, or does not.
    func expect(_ verdict: Verdict, wish: PartTicket.Cloud, isSent: Bool) {
        if isSent {
            return counted.counts.withLock { counts in
                guard counts.expected.count < Self.mostExpected else { return }
                counts.expected[verdict.resultID] = SystemClock().after(Self.patience)
            }
        }
        guard verdict.score != nil else { return }
        counted.drop(wish.isWanted(ofOK: verdict.evaluation == .ok) ? .busy : .rate)
    }

    /// Takes over what a worker sent. Returns at once.
    func offer(_ cloud: [UInt8], of verdict: Verdict) {
        send(.cloud(cloud, verdict), of: verdict.resultID)
        counted.counts.withLock { _ = $0.expected.removeValue(forKey: verdict.resultID) }
    }

    /// What a worker sent is not whole.
    func noteMissing(resultID: String) {
        counted.counts.withLock { _ = $0.expected.removeValue(forKey: resultID) }
        counted.drop(.missing)
    }

    /// Gives up what was waited for long enough.
    func dropLate() {
        let now = SystemClock().now
        let late = counted.counts.withLock { $0.expected.filter { $0.value <= now }.map(\.key) }
        for resultID in late { noteMissing(resultID: resultID) }
    }

    /// Writes what it took over, and ends.
    func stop() {
        queue.close()
        thread.join()
    }

    private static func write(_ judgement: PartJudge.Judgement, to folder: PartPictureFolder, _ counted: Counted) {
        guard let cloud = PartCloud(judgement) else { return }
        do {
            write(try cloud.bytes(), judgement.verdict, to: folder, counted)
        } catch {
            counted.drop(.failed)
        }
    }

    private static func write(
        _ cloud: [UInt8], _ verdict: Verdict, to folder: PartPictureFolder, _ counted: Counted
    ) {
        guard folder.hasRoom else { return counted.drop(.room) }
        do {
            try folder.keep(
                cloud, resultID: verdict.resultID, decidedNanoseconds: verdict.times.decidedNs,
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

        func settle(_ resultID: String) { counts.withLock { _ = $0.pending.remove(resultID) } }

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
