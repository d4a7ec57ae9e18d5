import Foundation
import Ingest
import Inspection
import Journal
import ParallelLoops
import Publishing
import ServiceLifecycle
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
    let delivery: VerdictDelivery
    /// Where others score its parts, or bring verdicts; nil where it scores by itself.
    let fleet: LineFleet?
    private let replay: VerdictReplay?
    /// Reads the configuration anew.
    let reloader: ConfigurationReloader
    let judge: PartJudge
    let parts: BoundedQueue<QueuedPart>
    /// Draws failed parts; nil where nothing is drawn.
    let pictures: HeatMapDrawing?
    /// Keeps judged parts for the dashboard.
    let partPictures: PartPictureWriter?
    let activity: LineActivity
    private let wasStopped = StopSignal()
    /// Parts that the process before has closed.
    private let closedBefore: [PartAssembler.Opening]
    private let workers: Workers
    private let access: SocketAccess
    private let assembling = ThreadProgress("assembler")
    let judging = ThreadProgress("scorer")
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
            + (fleet?.progress ?? [])
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
        case .nothing:
            source = IdleSource()
            endpoints = (source.name, publisher?.endpoint, replay?.endpoint)
        }
        let isRecording = source.isSimulated
        pictures = configuration.heatmaps.map { HeatMapDrawing(folder: $0, waits: isRecording) }
        partPictures = try Self.partPictures(configuration)
        partPictures?.keepTemplates(of: catalog)
        fleet = try LineFleet(
            configuration, journal: journal, delivery: delivery, builder: builder, catalog: catalog,
            pictures: partPictures)
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
        if let writer {
            pictures?.start(with: writer) { [summary] page in summary.heatMapPage = page }
        }
        _ = JoinableThread(name: "scorer") { [self] in
            if let fleet { self.judge(with: fleet) } else { judgeAll() }
            judging.end()
            delivery.close()
            fleet?.close()
            replay?.stop()
            pictures?.finish()
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
    func isStored(_ resultID: String) -> Bool? {
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
            delivery.repeatVerdict(resultID: resultID, on: queued.part.key, noting: judging)
            return
        }
        let judgement = judge.judge(queued.part, resultID: resultID, arrivedAt: queued.arrivedAt)
        illustrate(judgement) { delivery.deliver($0, noting: judging) }
    }

    /// Delivers a verdict, and hands over what pictures of its part are made of.
    func illustrate(_ judgement: PartJudge.Judgement, deliver: (Verdict) -> Void) {
        // Before anybody hears of the verdict: whoever asks for its picture is told that it is coming. It returns at once.
        partPictures?.offer(judgement)
        guard let pictures else { return deliver(judgement.verdict) }
        pictures.handOver(judgement, noting: judging) { deliver($0.verdict) }
        summary.droppedPictures = pictures.dropped
    }

    /// Whether it was asked to end.
    var isStopped: Bool { wasStopped.isRaised }

    func apply(_ scoring: ScoringConfiguration, to judge: inout PartJudge) {
        for change in scoring.catalog.changes(from: judge.scoring.catalog, configHash: scoring.hash) {
            journal?.append(.modelChange(change), noting: judging)
        }
        partPictures?.keepTemplates(of: scoring.catalog)
        judge.use(scoring)
    }
}
