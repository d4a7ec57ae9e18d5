import Foundation
import Ingest
import Inspection
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
    private let configuration: LineConfiguration
    private let context: Context
    private let source: any FrameSource
    private let publisher: VerdictPublisher?
    private let judge: PartJudge
    private let parts: BoundedQueue<QueuedPart>
    /// Judged parts whose pictures are to be drawn, beside the line: a verdict waits for one only when they pile up.
    private let pictures = BoundedQueue<PartJudge.Judgement>(
        capacity: LineConfiguration.queuedPictures, costLimit: LineConfiguration.queuedPictureBytes,
        cost: { ($0.map?.points.count ?? 0) * 40 })
    private let isDrawing = Atomic(true)
    private let wasStopped = StopSignal()
    private let workers: Workers
    private let access: SocketAccess
    let summary: RunSummary

    /// What scores: models with their profiles.
    let models: String

    /// Where frames are expected and verdicts published, ports filled in.
    let endpoints: (input: String, publish: String?)

    private struct QueuedPart: Sendable {
        var part: AssembledPart
        /// When its last frame came (of a recording: when it was assembled), monotonic ns.
        var arrivedAt: UInt64
    }

    init(_ configuration: LineConfiguration) throws {
        self.configuration = configuration
        workers = configuration.threads.map(Workers.init(count:)) ?? .all
        let catalog = try ModelCatalog(reading: configuration.models, workers: workers)
        models = catalog.description
        let context = try Context()
        self.context = context
        let summary = RunSummary()
        self.summary = summary
        var listens = configuration.publish != nil, connects = false
        if case .socket(.bind) = configuration.input { listens = true }
        if case .socket(.connect) = configuration.input { connects = true }
        let access = try SocketAccess(configuration.access, listens: listens, connects: connects, context: context) {
            Terminal.error("scanward: \($0)")
        }
        self.access = access
        let builder = VerdictBuilder(
            line: configuration.line, station: configuration.station,
            configHash: configuration.hash(models: catalog.modelIDs))
        judge = PartJudge(catalog: catalog, defaultPartType: configuration.defaultPartType, builder: builder)
        publisher = try configuration.publish.map { endpoint in
            var options = VerdictPublisher.Configuration(
                endpoint: endpoint, line: configuration.line, station: configuration.station, epoch: builder.epoch)
            options.allowInsecure = access.allowInsecure
            options.options.security = access.server
            do throws(PublishingError) {
                return try VerdictPublisher(context: context, configuration: options)
            } catch {
                throw Failure("--publish: \(error.message)")
            }
        }
        switch configuration.input {
        case .socket(let mode):
            var options = ZeroMQFrameSource.Configuration(mode: mode)
            options.allowInsecure = access.allowInsecure
            options.options.security = connects ? access.client : access.server
            options.onConnection = { summary.note($0) }
            options.onAlert = { summary.note($0) }
            let socket: ZeroMQFrameSource
            do {
                socket = try ZeroMQFrameSource(context: context, configuration: options)
            } catch {
                let option = if case .bind = mode { "--bind" } else { "--connect" }
                throw Failure("\(option): \(error.message)")
            }
            endpoints = (socket.endpoint, publisher?.endpoint)
            source = socket
        case .capture(let path, let options):
            source = try CaptureFrameSource(
                path: path, captureLimits: configuration.captureLimits, options: options,
                following: configuration.captureFollowing, gate: configuration.startGate)
            endpoints = (path, publisher?.endpoint)
        }
        parts = BoundedQueue(capacity: LineConfiguration.queuedParts)
    }

    /// Runs until the source ends, the wanted number of verdicts is reached, or a graceful shutdown.
    func run() async throws {
        let writer = try configuration.heatmaps.map { try HeatMapWriter(folder: $0, workers: workers) }
        await withGracefulShutdownHandler {
            await withCheckedContinuation { (finished: CheckedContinuation<Void, Never>) in
                start(writer: writer) { finished.resume() }
            }
        } onGracefulShutdown: { [source, wasStopped] in
            wasStopped.raise()
            source.stop()
        }
        let socket = source as? ZeroMQFrameSource
        summary.close(
            counters: source.counters, connections: socket?.connections, sources: socket?.sources ?? [:],
            access: access.lines, failure: source.failure)
    }

    /// Has the allow-list read anew.
    func reload() { access.reload() }

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

    private func start(writer: HeatMapWriter?, finished: @escaping @Sendable () -> Void) {
        _ = JoinableThread(name: "assembler") { [self] in
            let stream = PartStream(source: source, limits: configuration.limits) { [summary] event in
                summary.note(event)
            }
            while let part = stream.next() {
                let arrived = part.isSimulated ? SystemClock().now : part.lastFrameAt
                parts.send(QueuedPart(part: part, arrivedAt: arrived))
            }
            parts.close()
        }
        let writer = writer.map(Confined.init)
        let painter = JoinableThread(name: "pictures") { [self] in
            if let writer = writer?.value { draw(with: writer) }
        }
        _ = JoinableThread(name: "scorer") { [self] in
            judgeAll()
            publisher?.stop()
            pictures.close()
            painter.join()
            finished()
        }
    }

    private func judgeAll() {
        var judge = judge
        while case .element(let queued) = parts.receive() {
            var judgement = judge.judge(queued.part, arrivedAt: queued.arrivedAt)
            if isDrawing.load(ordering: .relaxed) {
                judgement.verdict.heatmapURI = configuration.heatmaps.flatMap {
                    HeatMapWriter.address(of: judgement, in: $0)
                }
            }
            deliver(judgement.verdict)
            if judgement.verdict.heatmapURI != nil { pictures.send(judgement) }
            // What was received by then is still judged, or reported as interrupted.
            if let wanted = configuration.untilParts, summary.verdictCount >= wanted { source.stop() }
        }
    }

    /// A line whose verdicts reach nobody must not look as if it ran.
    private func fail(_ reason: String) {
        Terminal.error("scanward: \(reason)")
        summary.fail(reason)
        source.stop()
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

    private func deliver(_ verdict: Verdict) {
        summary.note(verdict)
        let json: [UInt8]
        do {
            json = try verdict.json()
        } catch {
            // Every number in a verdict is finite by construction; should one not be, the part is still reported.
            Terminal.error(
                "scanward: verdict \(verdict.seq) on part \(printable(verdict.partID)) cannot be written: \(error)")
            return
        }
        do {
            if let publisher,
                try !publisher.publish(seq: verdict.seq, evaluation: verdict.evaluation.rawValue, json: json)
            {
                fail("verdicts are not published any more: \(publisher.statistics.failure ?? "the socket is closed")")
            }
        } catch {
            fail(error.message)
        }
        if configuration.printsJSON {
            Terminal.output(String(decoding: json, as: UTF8.self))
        } else {
            VerdictTable.lines(verdict).forEach(Terminal.output)
        }
    }
}

/// A value that is handed to one thread, and used by that one only.
private struct Confined<Value>: @unchecked Sendable {
    let value: Value
}
