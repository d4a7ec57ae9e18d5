import Foundation
import Ingest
import Inspection
import Journal
import ParallelLoops
import Publishing
import ServiceLifecycle
import Synchronization
import Threads
import ZeroMQ

/// The monitor: built here, in one place, from its configuration, and run as a service.
///
/// source -> parts -> judge -> verdicts. The source runs its own thread; assembling, judging and drawing have one each,
/// with bounded queues between them. On shutdown the source stops, open parts become `not_decidable`, whole ones that wait
/// are still judged, and all verdicts are handed to the publisher before it closes.
final class InspectionLine: Service {
    let configuration: LineConfiguration
    private let context: Context
    let source: any FrameSource
    private let delivery: VerdictDelivery
    private let replay: VerdictReplay?
    /// Reads the configuration anew.
    let reloader: ConfigurationReloader
    private let judge: PartJudge
    let parts: BoundedQueue<QueuedPart>
    /// Judged parts whose pictures are to be drawn, beside the line: a verdict waits for one only when they pile up.
    let pictures = BoundedQueue<PartJudge.Judgement>(
        capacity: LineConfiguration.queuedPictures, costLimit: LineConfiguration.queuedPictureBytes,
        cost: { ($0.map?.points.count ?? 0) * 40 })
    private let drawing: PatientSender<PartJudge.Judgement>
    private let isDrawing = Atomic(true)
    /// Raised when the last picture is drawn.
    private let haveDrawn = StopSignal()
    /// Keeps judged parts for the dashboard.
    let partPictures: PartPictureWriter?
    let activity: LineActivity
    private let wasStopped = StopSignal()
    /// Parts that the process before has closed.
    private let closedBefore: [PartAssembler.Opening]
    private let workers: Workers
    private let access: SocketAccess
    private let assembling = ThreadProgress("assembler"), judging = ThreadProgress("scorer")
    private let refusals: RefusalAlertLog?
    let summary: RunSummary

    /// What scores: models with their profiles.
    let models: String

    /// Where frames are expected, verdicts published, and earlier ones asked for, ports filled in.
    let endpoints: (input: String, publish: String?, replay: String?)

    /// Where verdicts are kept.
    var journal: Journal? { delivery.journal }

    /// Whether the threads that a verdict passes through go on. Those that draw are none of them: a folder of pictures that
    /// hangs is no reason to end the line.
    var progress: [ThreadProgress] {
        ((source as? ZeroMQFrameSource)?.progress ?? []) + [assembling, judging] + delivery.progress
    }

    /// What came and what was said so far, in one line.
    var status: String { summary.status(frames: source.counters.total) }

    struct QueuedPart: Sendable {
        var part: AssembledPart
        /// What it was closed by, and is to be judged by.
        var scoring: ScoringConfiguration
        /// When its last frame came (of a recording: when it was assembled), monotonic ns.
        var arrivedAt: UInt64
    }

    init(_ configuration: LineConfiguration) throws {
        self.configuration = configuration
        drawing = PatientSender(pictures)
        workers = configuration.threads.map(Workers.init(count:)) ?? .all
        let summary = RunSummary()
        self.summary = summary
        let ending = LineEnding(summary: summary)
        let activity = LineActivity()
        self.activity = activity
        let journal = try configuration.state.map { folder in
            try LineJournal.open(
                folder, retention: configuration.settings.retention,
                didCommit: { [activity] in activity.metrics.noteCommit(nanoseconds: $0) }
            ) { ending.fail(Self.withheld($0)) }
        }
        let catalog = try ModelCatalog(configuration.settings, workers: workers)
        let scoring = ScoringConfiguration(configuration.settings, catalog: catalog)
        models = catalog.description
        let context = try Context()
        self.context = context
        var listens = configuration.publish != nil || configuration.replay != nil, connects = false
        if case .bind = configuration.input { listens = true }
        if case .connect = configuration.input { connects = true }
        let refusals = journal.map(RefusalAlertLog.init)
        self.refusals = refusals
        let access = try SocketAccess(
            configuration.access, listens: listens, connects: connects, context: context,
            refused: { refusals?.note(refusedKey: $0) }
        ) { Terminal.error("scanward: \($0)") }
        self.access = access
        let builder = VerdictBuilder(
            line: configuration.line, station: configuration.station,
            configHash: scoring.hash, epoch: journal?.opening.epoch, head: journal?.opening.head ?? 0)
        judge = PartJudge(scoring: scoring, builder: builder)
        let publisher = try configuration.publish.map { endpoint in
            try Self.publisher(at: endpoint, context, configuration, access, builder, journal)
        }
        replay = try Self.replay(context, configuration, access, journal)
        delivery = VerdictDelivery(
            journal: journal, publisher: publisher, summary: summary, activity: activity,
            printsJSON: configuration.printsJSON
        ) { ending.fail($0) }
        reloader = ConfigurationReloader(
            configuration, scoring: scoring, workers: workers, access: access, journal: journal)
        switch configuration.input {
        case .bind, .connect:
            let socket = try Self.socketSource(context, configuration, access, summary, journal, refusals)
            endpoints = (socket.endpoint, publisher?.endpoint, replay?.endpoint)
            source = socket
        case .capture(let path, let options):
            source = try CaptureFrameSource(
                path: path, captureLimits: configuration.captureLimits, options: options,
                following: configuration.captureFollowing, gate: configuration.startGate)
            endpoints = (path, publisher?.endpoint, replay?.endpoint)
        }
        partPictures = try Self.partPictures(configuration)
        partPictures?.keepTemplates(of: catalog)
        parts = BoundedQueue(capacity: LineConfiguration.queuedParts)
        closedBefore = try source.isSimulated ? [] : journal.map(LineJournal.closedBefore) ?? []
        ending.begin(source)
    }

    /// Runs until the source ends, the wanted number of verdicts is reached, or a graceful shutdown.
    func run() async throws { try await run(sourceEnded: {}) }

    /// - Parameter sourceEnded: is called once no further frame can come, before what came by then is judged.
    func run(sourceEnded: @escaping @Sendable () -> Void) async throws {
        let writer = try configuration.heatmaps.map { try HeatMapWriter(folder: $0, workers: workers) }
        await withGracefulShutdownHandler {
            await withCheckedContinuation { (finished: CheckedContinuation<Void, Never>) in
                start(writer: writer, sourceEnded: sourceEnded) { finished.resume() }
            }
        } onGracefulShutdown: { [source, wasStopped, journal] in
            wasStopped.raise()
            journal?.giveUpWaiting()
            source.stop()
        }
        let socket = source as? ZeroMQFrameSource
        summary.close(
            counters: source.counters, connections: socket?.connections, sources: socket?.sources ?? [:],
            access: access.lines, failure: source.failure)
    }

    /// Has the configuration, the models and the allow-list read anew.
    ///
    /// - Parameters:
    ///   - cause: who asked, for people.
    ///   - done: is told what came of it, on the reloader's queue.
    func reload(
        because cause: String = "SIGHUP",
        then done: @escaping @Sendable (ConfigurationReloader.Outcome) -> Void = { _ in }
    ) {
        reloader.reload(because: cause, then: done)
    }

    /// What a recording lacked, as lines; to be called after the run.
    var captureReport: [String] {
        guard let capture = source as? CaptureFrameSource else { return [] }
        return (capture.statistics.report + capture.notes).map(printable)
    }

    /// Why the run failed, if it did; to be called after it.
    func throwFailure() throws {
        if let failure = summary.failure { throw Failure(failure) }
        guard !wasStopped.isRaised, let capture = source as? CaptureFrameSource else { return }
        do {
            try capture.requireFrames()
        } catch {
            throw Failure(error)
        }
        if let truncation = capture.truncation { throw Failure(truncation, .truncated) }
    }

    private func start(
        writer: HeatMapWriter?, sourceEnded: @escaping @Sendable () -> Void, finished: @escaping @Sendable () -> Void
    ) {
        _ = JoinableThread(name: "assembler") { [self] in
            var scoring = judge.scoring
            let stream = PartStream(
                source: source, limits: scoring.limits, progress: assembling,
                observe: { [summary, activity, refusals] in
                    summary.note($0)
                    activity.note($0)
                    refusals?.note($0)
                },
                closedBefore: closedBefore,
                newLimits: { [reloader] in
                    guard let new = reloader.take() else { return nil }
                    scoring = new
                    return new.limits
                }
            ) { [delivery, activity, assembling] opening in
                activity.noteOpened()
                delivery.journal?.append(.opened(OpenedPart(opening)), noting: assembling)
            }
            while let part = stream.next() {
                activity.noteClosed()
                let arrived = part.isSimulated ? SystemClock().now : part.lastFrameAt
                parts.send(QueuedPart(part: part, scoring: scoring, arrivedAt: arrived), noting: assembling)
            }
            sourceEnded()
            assembling.end()
            parts.close()
        }
        let writer = writer.map(Confined.init)
        _ = JoinableThread(name: "pictures") { [self] in
            if let writer = writer?.value { draw(with: writer) }
            haveDrawn.raise()
        }
        _ = JoinableThread(name: "scorer") { [self] in
            judgeAll()
            judging.end()
            delivery.close()
            replay?.stop()
            pictures.close()
            waitForPictures()
            partPictures?.stop()
            finished()
        }
    }

    private func judgeAll() {
        var judge = judge
        var judged = 0
        delivery.publishAgain(noting: judging)
        settleInterrupted(&judge.builder)
        while case .element(let queued) = parts.receive(noting: judging) {
            if queued.scoring.generation != judge.scoring.generation { apply(queued.scoring, to: &judge) }
            judgeOne(queued, &judge)
            judged += 1
            // What was received by then is still judged, or reported as interrupted.
            if let wanted = configuration.untilParts, judged >= wanted { source.stop() }
        }
    }

    /// Gives the parts within which the process before ended their verdict, if they have none of an earlier such end.
    private func settleInterrupted(_ builder: inout VerdictBuilder) {
        for part in journal?.opening.openParts ?? [] {
            let resultID = builder.resultID(ofInterrupted: part)
            judging.step()
            guard let isStored = isStored(resultID) else { return }
            if isStored {
                journal?.append(.settled(part.key), noting: judging)
            } else {
                delivery.deliver(
                    builder.verdict(onInterrupted: part, resultID: resultID), noting: judging)
            }
        }
    }

    /// Whether the journal has this result; nil if it cannot be asked, which ends the line: a result must not be stored twice.
    private func isStored(_ resultID: String) -> Bool? {
        guard let journal else { return false }
        do throws(JournalError) {
            return try journal.contains(resultID: resultID)
        } catch {
            delivery.stop(because: "the journal cannot be read: \(error.message)")
            return nil
        }
    }

    private func judgeOne(_ queued: QueuedPart, _ judge: inout PartJudge) {
        let resultID = judge.resultID(of: queued.part)
        guard let isStored = isStored(resultID) else { return }
        if isStored {
            delivery.repeatVerdict(resultID: resultID, on: queued.part, noting: judging)
            return
        }
        var judgement = judge.judge(queued.part, resultID: resultID, arrivedAt: queued.arrivedAt)
        if isDrawing.load(ordering: .relaxed) {
            judgement.verdict.heatmapURI = configuration.heatmaps.flatMap {
                HeatMapWriter.address(of: judgement, in: $0)
            }
        }
        if judgement.verdict.heatmapURI != nil, !isTakenToDraw(judgement) { judgement.verdict.heatmapURI = nil }
        // Before anybody hears of the verdict: whoever asks for its picture is told that it is coming.
        partPictures?.offer(judgement)
        delivery.deliver(judgement.verdict, noting: judging)
    }

    /// Hands a part over to be drawn. A scanner's parts wait for drawing that falls behind, for as long as that takes only if
    /// it goes on: behind a folder that hangs pictures are dropped, and no verdict waits.
    private func isTakenToDraw(_ judgement: PartJudge.Judgement) -> Bool {
        let patience = source.isSimulated ? nil : LineConfiguration.picturePatience
        let admission = drawing.send(judgement, patience: patience, noting: judging)
        summary.droppedPictures = drawing.dropped
        if admission == .dropped(isNews: true) {
            Terminal.error("scanward: drawing is behind: heat maps are dropped until it goes on, verdicts are not")
        }
        return admission == .taken
    }

    /// Until the last picture is drawn, or drawing has stood still for too long.
    private func waitForPictures() {
        var waiting = pictures.statistics.depth
        while !haveDrawn.wait(until: SystemClock().after(LineConfiguration.lastPicturesPatience)) {
            let depth = pictures.statistics.depth
            guard depth < waiting else {
                Terminal.error("scanward: heat maps cannot be written, and \(depth + 1) are given up: see their folder")
                return
            }
            waiting = depth
        }
    }

    private func apply(_ scoring: ScoringConfiguration, to judge: inout PartJudge) {
        for change in scoring.catalog.changes(from: judge.scoring.catalog, configHash: scoring.hash) {
            journal?.append(.modelChange(change), noting: judging)
        }
        partPictures?.keepTemplates(of: scoring.catalog)
        judge.use(scoring)
    }

    private func draw(with writer: HeatMapWriter) {
        do {
            while case .element(let judgement) = pictures.receive() { try writer.write(judgement) }
            summary.heatMapPage = try writer.finish()
        } catch {
            // The line goes on without pictures; nobody waits for a queue that is not emptied.
            isDrawing.store(false, ordering: .relaxed)
            pictures.close(discarding: true)
            Terminal.error("scanward: \(error); no further heat maps are written")
        }
    }
}

/// A value that is handed to one thread, and used by that one only.
private struct Confined<Value>: @unchecked Sendable {
    let value: Value
}
