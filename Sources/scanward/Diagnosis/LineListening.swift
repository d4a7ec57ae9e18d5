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
    /// Messages that were refused: more of them say no more.
    private static let enoughRefusals = 16

    /// - Parameter catalog: nil where no model is sound.
    static func listen(_ options: DoctorOptions, catalog: ModelCatalog?, unless stop: StopSignal) throws -> LineEvidence
    {
        let context = try Context()
        let access = try SocketAccess(
            options.access, listens: options.listens, connects: !options.listens, context: context, report: { _ in })
        let sockets = options.inputs.enumerated().map { place, mode in
            var configuration = ZeroMQFrameSource.Configuration(mode: mode)
            configuration.options.security = options.listens ? access.server : access.client(place)
            configuration.allowInsecure = true
            configuration.arrays = options.settings.arrays
            // Everything that is published, so that a wrong topic is seen too.
            configuration.topicPrefix = ""
            return configuration
        }
        let source = try ZeroMQFrameSource(context: context, configurations: sockets)
        defer { source.stop() }
        var evidence = LineEvidence(
            origin: String(format: "listening at %@ for up to %.0f s", source.endpoint, options.listen))
        let isEnough = StopSignal()
        let timer = JoinableThread(name: "listening") {
            let deadline = SystemClock().after(.seconds(options.listen))
            var refusedSince: UInt64?
            while !isEnough.isRaised, !stop.isRaised, SystemClock().now < deadline {
                // Whoever was not let in does not come again, or goes on being refused: a second more says enough.
                if source.connections.refusedTotal > 0, source.counters.total.messages == 0 {
                    let since = refusedSince ?? SystemClock().now
                    refusedSince = since
                    if SystemClock().now > since + 1_000_000_000 { break }
                }
                _ = isEnough.wait(until: min(deadline, SystemClock().after(.milliseconds(100))))
            }
            source.stop()
        }
        let parts = receive(source, options, &evidence, isEnough)
        timer.join()
        judge(parts, options, catalog, &evidence)
        let counts = source.connections
        if evidence.frames == 0 {
            evidence.silence = ConnectionSentence.waiting(
                counts, mode: options.inputs[0], at: source.endpoint, usesCurve: options.access.curveSecret != nil)
        }
        evidence.refusedPeers = counts.refused.sorted { $0.value > $1.value }.map { refusal, count in
            "\(count) times a peer \(refusal): "
                + ConnectionSentence.advice(refusal, options.inputs[0], usesCurve: options.access.curveSecret != nil)
        }
        return evidence
    }

    private static func receive(
        _ source: ZeroMQFrameSource, _ options: DoctorOptions, _ evidence: inout LineEvidence,
        _ isEnough: StopSignal
    ) -> [AssembledPart] {
        var report = TapReport()
        let stream = PartStream(
            source: source, limits: options.settings.limits,
            observe: { event in
                report.note(event)
                if report.messages - report.frames >= enoughRefusals { isEnough.raise() }
            })
        var parts: [AssembledPart] = []
        while let part = stream.next() {
            // What the begin or the end of the listening cut off says nothing; frames that were lost leave gaps in seq.
            let gaps = report.counters.sources[part.source]?.sequence.gaps ?? 0
            let isCut = part.reasons.contains { reason in
                if case .framesMissing = reason { return gaps == 0 }
                return reason == .interrupted
            }
            if isCut { evidence.unfinished.append(part.partID) } else { parts.append(part) }
            if parts.count >= judgedParts { isEnough.raise() }
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
            scoring: ScoringConfiguration(options.settings, catalog: catalog),
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
