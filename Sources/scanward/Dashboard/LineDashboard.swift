import Dashboard
import Foundation
import Ingest
import Threads

/// The running line, as the dashboard asks it.
struct LineDashboard: LineWatch {
    let line: InspectionLine
    let lineName: String
    let stationName: String

    func status() -> [UInt8] {
        let activity = line.activity.snapshot
        let now = SystemClock.unixNanoseconds
        let monotonic = line.activity.clock.now
        let figures = LineStatus.Figures(activity, now: monotonic)
        let catalog = line.catalog
        let models = catalog.partTypes.compactMap { catalog.entry(for: $0) }.map { entry in
            LineStatus.Model(
                partType: entry.partType, id: entry.identity.id, version: entry.identity.version,
                threshold: entry.threshold)
        }
        return LineStatus(
            line: lineName, station: stationName, input: line.endpoints.input, version: Version.string, nowNs: now,
            startedNs: line.activity.startedNanoseconds, isSimulated: line.isSimulated, isHub: line.isHub,
            reasonsNotReady: reasonsNotReady + journalReason, warnings: warnings(activity),
            head: (try? line.journal?.reader.extent().head) ?? 0,
            evaluations: Dictionary(uniqueKeysWithValues: activity.evaluations.map { ($0.key.rawValue, $0.value) }),
            passRate: figures.passRate, recentParts: figures.parts, partsPerMinute: figures.perMinute,
            latencyMedianMs: figures.median, latency95Ms: figures.high,
            partsOpen: max(0, activity.opened - activity.closed), sources: sources(activity, monotonic), models: models,
            queues: line.queues.map { .init(name: $0.name, depth: $0.statistics.depth, capacity: $0.capacity) },
            fleet: line.fleet?.watch?.report
        ).json
    }

    private var journalReason: [String] {
        line.journal.flatMap { JournalLog(journal: $0).reasonNotReady }.map { [$0] } ?? []
    }

    private func sources(_ activity: LineActivity.State, _ monotonic: UInt64) -> [LineStatus.Source] {
        let presence = line.presence
        return line.counters.sources.sorted { $0.key < $1.key }.map { name, source in
            let seen = presence[name]
            return LineStatus.Source(
                name: name, frames: source.frames, refused: source.refusedTotal, missed: source.sequence.missing,
                lastFrameAge: activity.lastFrames[name].map { seconds(monotonic - min($0.monotonic, monotonic)) },
                isUp: line.isSimulated ? nil : seen.map { $0.downSince == nil }, downs: seen?.downs ?? 0,
                downFor: seen?.downSince.map { seconds(monotonic - min($0, monotonic)) },
                skewMs: source.skew.map { Double($0.latest / 1000) / 1000 },
                refusals: Dictionary(uniqueKeysWithValues: source.refused.map { ($0.key.rawValue, $0.value) }))
        }
    }

    private func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds / 1_000_000) / 1000 }

    var reasonsNotReady: [String] {
        guard !line.isHub else { return [] }
        var reasons: [String] = []
        if line.catalog.partTypes.isEmpty { reasons.append("no model is loaded") }
        if line.activity.snapshot.lastFrames.isEmpty { reasons.append("no scanner has sent a frame since the start") }
        return reasons
    }

    /// What a person should look at, though the line is ready: it judges whatever comes.
    private func warnings(_ activity: LineActivity.State) -> [String] {
        let presence = line.presence.filter { activity.lastFrames[$0.key] != nil }
        let away = line.fleetWarning.map { [$0] } ?? []
        let down = presence.filter { $0.value.downSince != nil }.keys.sorted()
        guard !down.isEmpty else { return away }
        return away + [
            (down.count == presence.count ? "no scanner is connected: " : "") + down.joined(separator: ", ")
                + (down.count == presence.count ? "" : " is down")
        ]
    }

    func metrics() -> String {
        LineSampling(line: line, isReady: reasonsNotReady.isEmpty && line.journal?.readiness == .ready).sample()
        return line.activity.metrics.registry.text()
    }
}
