import Fleet
import Ingest
import Inspection
import Journal
import MonitorConfiguration
import Threads

/// What a line has where others score its parts, or where its verdicts are others'.
struct LineFleet: Sendable {
    let desk: VerdictDesk
    /// Scores this line's parts, and sends its verdicts on to the hub: `--role ingest`.
    let pool: PartPool?
    let forwarder: VerdictForwarder?
    /// Brings other lines' verdicts: `--role hub`.
    let hub: HubFeed?
    /// How the fleet stands, for the dashboard; nil without one.
    let watch: FleetWatch?
    /// Parts that a process before had handed over.
    let restored: Set<PartKey>
    /// Those of them whose points are lost: the journal may know nothing of them, as it was not asked before the disk.
    let torn: [OpenedPart]

    /// nil for a line that scores by itself.
    init?(
        _ configuration: LineConfiguration, journal: Journal?, delivery: VerdictDelivery, builder: VerdictBuilder,
        catalog: ModelCatalog, pictures: PartPictureWriter?
    ) throws {
        let settings = configuration.settings.fleet
        guard settings.role == .ingest || settings.role == .hub else { return nil }
        guard let journal else {
            throw Failure("--role \(settings.role.rawValue) goes with --state: it needs a journal")
        }
        desk = VerdictDesk(delivery: delivery, journal: journal)
        guard settings.role == .ingest else {
            (pool, forwarder, restored, torn) = (nil, nil, [], [])
            let feed = try HubFeed(settings, journal: journal, pictures: pictures)
            hub = feed
            watch = configuration.settings.http.map { _ in FleetWatch(feed.link, line: nil) }
            return
        }
        let pool = try PartPool(configuration, builder: builder, journal: journal, pictures: pictures)
        pool.use(catalog)
        let before = try pool.restore()
        restored = before.parts
        torn = before.torn.map { OpenedPart($0) }
        self.pool = pool
        forwarder = VerdictForwarder(journal: journal, streams: pool.link.streams, line: configuration.line)
        hub = nil
        watch = configuration.settings.http.map { _ in FleetWatch(pool.link, line: configuration.line) }
    }

    /// Threads that a verdict passes through.
    var progress: [ThreadProgress] {
        [desk.progress] + (pool?.progress ?? []) + (hub.map { [$0.progress] } ?? [])
    }

    /// After the journal has told of its last verdict.
    func close() {
        watch?.close()
        forwarder?.close()
        pool?.close()
        hub?.close()
    }
}

/// The scorer's thread where a fleet scores.
extension InspectionLine {
    func judge(with fleet: LineFleet) {
        var judge = judge
        delivery.publishAgain(noting: judging)
        fleet.desk.start()
        fleet.forwarder?.start()
        let take: @Sendable (VerdictDesk.Item, ThreadProgress) -> Void = { [desk = fleet.desk] item, progress in
            desk.submit(item, noting: progress)
        }
        settleInterrupted(judge.builder, fleet)
        fleet.pool?.start(answer: take)
        fleet.hub?.start(take: take)
        var taken = 0
        while case .element(let queued) = parts.receive(noting: judging) {
            if queued.scoring.generation != judge.scoring.generation {
                apply(queued.scoring, to: &judge)
                fleet.pool?.use(queued.scoring.catalog)
            }
            hand(queued, &judge, fleet)
            taken += 1
            if let wanted = configuration.untilParts, taken >= wanted { source.stop() }
        }
        fleet.pool?.finish(unless: { [self] in isStopped || summary.failure != nil }, noting: judging)
        fleet.hub?.finish()
        fleet.desk.close()
    }

    /// Parts within which the process before ended; what it had handed over goes on.
    private func settleInterrupted(_ builder: VerdictBuilder, _ fleet: LineFleet) {
        var builder = builder
        var parts = journal?.opening.openParts ?? []
        let known = Set(parts.map(\.key))
        parts += fleet.torn.filter { !known.contains($0.key) }
        for part in parts where !fleet.restored.contains(part.key) {
            let resultID = builder.resultID(ofInterrupted: part)
            guard let isStored = isStored(resultID) else { return }
            if isStored {
                journal?.append(.settled(part.key), noting: judging)
            } else {
                fleet.desk.submit(
                    .init(verdict: builder.verdict(onInterrupted: part, resultID: resultID)), noting: judging)
            }
        }
    }

    /// To the pool what is to be scored; what needs no scoring has its verdict at once.
    private func hand(_ queued: QueuedPart, _ judge: inout PartJudge, _ fleet: LineFleet) {
        let part = queued.part
        let resultID = judge.resultID(of: part)
        guard let isStored = isStored(resultID) else { return }
        if isStored { return delivery.repeatVerdict(resultID: resultID, on: part.key, noting: judging) }
        let entry = judge.scoring.catalog.entry(for: judge.scoring.partType(of: part))
        if let pool = fleet.pool, let entry, !part.isPartial {
            var ticket = PartTicket(
                part, resultID: resultID, by: entry, as: entry.partType, line: configuration.line,
                station: configuration.station, configHash: judge.builder.configHash, patience: pool.patience)
            ticket.cloud = pool.cloudWish
            let admission = pool.submit(
                ticket, points: part.points, arrivedAt: queued.arrivedAt, waits: source.isSimulated, noting: judging)
            guard case .refused(let reason) = admission else { return }
            guard pool.scoresLocally else {
                return fleet.desk.submit(
                    .init(verdict: ticket.undecided(reason, builder: judge.builder)), noting: judging)
            }
        }
        let judgement = judge.judge(part, resultID: resultID, arrivedAt: queued.arrivedAt)
        illustrate(judgement) { fleet.desk.submit(.init(verdict: $0), noting: judging) }
    }
}
