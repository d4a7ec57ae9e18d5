import Foundation
import Ingest
import Inspection
import ParallelLoops
import Threads
import ZeroMQ

/// Listens to a line's source for a few seconds as the monitor would, and judges what comes.
enum LineListening {
    /// Parts that are judged: each takes a second or so, and one of a kind tells.
    private static let judgedParts = 4

    /// - Parameter catalog: nil where no model is sound.
    static func listen(_ options: DoctorOptions, catalog: ModelCatalog?, unless stop: StopSignal) throws -> LineEvidence
    {
        let context = try Context()
        let listens = if case .bind = options.input { true } else { false }
        var configuration = ZeroMQFrameSource.Configuration(mode: options.input)
        let access = try SocketAccess(
            options.access, listens: listens, connects: !listens, context: context, report: { _ in })
        configuration.options.security = listens ? access.server : access.client
        configuration.allowInsecure = true
        configuration.topicPrefix = ""
        let source = try ZeroMQFrameSource(context: context, configuration: configuration)
        defer { source.stop() }
        var evidence = LineEvidence(
            origin: String(format: "listening at %@ for %.0f s", source.endpoint, options.listen))
        let timer = JoinableThread(name: "listening") {
            _ = stop.wait(until: SystemClock().after(.seconds(options.listen)))
            source.stop()
        }
        let parts = receive(source, options, &evidence)
        timer.join()
        judge(parts, options, catalog, &evidence)
        let counts = source.connections
        if evidence.frames == 0 {
            evidence.silence = ConnectionSentence.waiting(
                counts, mode: options.input, at: source.endpoint, usesCurve: options.access.curveSecret != nil)
        }
        evidence.refusedPeers = counts.refused.sorted { $0.value > $1.value }.map { refusal, count in
            "\(count) times a peer \(refusal): "
                + ConnectionSentence.advice(refusal, options.input, usesCurve: options.access.curveSecret != nil)
        }
        return evidence
    }

    private static func receive(
        _ source: ZeroMQFrameSource, _ options: DoctorOptions, _ evidence: inout LineEvidence
    ) -> [AssembledPart] {
        var report = TapReport()
        var limits = AssemblyLimits()
        limits.idleDeadline = .seconds(options.partDeadline)
        let stream = PartStream(source: source, limits: limits, observe: { report.note($0) })
        var parts: [AssembledPart] = []
        while let part = stream.next() {
            // What the end of the listening broke off says nothing.
            if part.reasons.contains(.interrupted) {
                evidence.unfinished.append(part.partID)
            } else {
                parts.append(part)
            }
        }
        evidence.frames = report.frames
        for (name, seen) in report.observed {
            for (reason, refused) in seen.refused {
                evidence.refused[reason.rawValue] = (
                    (evidence.refused[reason.rawValue]?.count ?? 0) + refused.count,
                    "\(name): \(refused.sentence)"
                )
            }
            if let skew = report.counters.sources[name]?.skew?.latest ?? seen.captureAge { evidence.skews[name] = skew }
            if let extent = seen.extent { evidence.extents[name] = max(extent.x, extent.y, extent.z) }
        }
        return parts
    }

    private static func judge(
        _ parts: [AssembledPart], _ options: DoctorOptions, _ catalog: ModelCatalog?, _ evidence: inout LineEvidence
    ) {
        guard let catalog else { return }
        var judge = PartJudge(
            catalog: catalog, defaultPartType: options.partType,
            builder: VerdictBuilder(line: "doctor", station: "doctor", configHash: "doctor"))
        // One of each source and type first.
        var kinds: Set<String> = []
        let chosen = parts.filter { kinds.insert("\($0.source) \($0.partType ?? "") \($0.isPartial)").inserted }
        for part in chosen.prefix(judgedParts) {
            let id = judge.resultID(of: part)
            evidence.verdicts.append(judge.judge(part, resultID: id, arrivedAt: SystemClock().now).verdict)
        }
    }
}
