import FrameProtocol
import Foundation
import Ingest
import Synchronization
import Threads

/// Brings those metrics up to date that are counted elsewhere, as they are asked for.
struct LineSampling {
    let line: InspectionLine
    let isReady: Bool

    func sample() {
        let metrics = line.activity.metrics
        metrics.sampling { sample(metrics) }
    }

    private func sample(_ metrics: LineMetrics) {
        metrics.set("scanward_build_info", [("version", Version.string)], 1)
        sampleSources(metrics)
        sampleParts(metrics)
        sampleQueues(metrics)
        sampleModels(metrics)
        if let journal = line.journal {
            metrics.set("scanward_journal_ready", [], journal.readiness == .ready ? 1 : 0)
            if let extent = try? journal.reader.extent() {
                metrics.set("scanward_journal_head", [], Double(extent.head))
            }
            metrics.set("scanward_journal_unreadable_verdicts", [], Double(journal.unreadableVerdicts))
        }
        metrics.set("scanward_ready", [], isReady ? 1 : 0)
        metrics.advance("scanward_http_failures_total", to: Double(line.activity.snapshot.failedRequests))
        sampleProcess(metrics)
        metrics.advance("scanward_metrics_refused_series_total", to: Double(metrics.registry.refusedSeries))
    }

    private func sampleSources(_ metrics: LineMetrics) {
        for (name, source) in line.counters.sources {
            let label = [("source", name)]
            metrics.advance("scanward_frames_received_total", label, to: Double(source.frames))
            metrics.advance("scanward_frames_missed_total", label, to: Double(source.sequence.missing))
            metrics.advance("scanward_frames_repeated_total", label, to: Double(source.sequence.repeats))
            metrics.advance("scanward_points_received_total", label, to: Double(source.points))
            metrics.advance("scanward_received_bytes_total", label, to: Double(source.bytes))
            // Each reason from the scanner's first message on: of what a series begins with `increase` knows nothing.
            for reason in FrameRefusal.Reason.allCases {
                metrics.advance(
                    "scanward_frames_refused_total", label + [("reason", reason.rawValue)],
                    to: Double(source.refused[reason] ?? 0))
            }
            if let skew = source.skew {
                metrics.set("scanward_source_clock_skew_seconds", label, Double(skew.latest) / 1e9)
            }
        }
        for (name, source) in line.presence where line.counters.sources[name] != nil {
            metrics.set("scanward_source_up", [("source", name)], source.downSince == nil ? 1 : 0)
        }
        for (name, last) in line.activity.snapshot.lastFrames {
            let time = Double(last.unixNanoseconds) / 1e9
            metrics.set("scanward_source_last_frame_timestamp_seconds", [("source", name)], time)
        }
    }

    private func sampleParts(_ metrics: LineMetrics) {
        let activity = line.activity.snapshot
        metrics.advance("scanward_parts_opened_total", to: Double(activity.opened))
        metrics.set("scanward_parts_open", [], Double(max(0, activity.opened - activity.closed)))
        metrics.advance("scanward_verdicts_repeated_total", to: Double(activity.repeated))
        metrics.advance("scanward_verdicts_withheld_total", to: Double(activity.withheld))
        metrics.advance("scanward_heatmaps_dropped_total", to: Double(line.summary.droppedPictures))
        guard let pictures = line.partPictures else { return }
        let counts = pictures.statistics
        metrics.advance("scanward_clouds_kept_total", to: Double(counts.kept))
        for reason in PartPictureWriter.Drop.allCases {
            metrics.advance(
                "scanward_clouds_dropped_total", [("reason", reason.rawValue)],
                to: Double(counts.dropped[reason] ?? 0))
        }
        metrics.set("scanward_clouds_stored_bytes", [], Double(pictures.folder.contents.bytes))
    }

    private func sampleQueues(_ metrics: LineMetrics) {
        for queue in line.queues {
            let label = [("queue", queue.name)]
            metrics.set("scanward_queue_depth", label, Double(queue.statistics.depth))
            metrics.set("scanward_queue_capacity", label, Double(queue.capacity))
            metrics.advance("scanward_queue_full_total", label, to: Double(queue.statistics.sendWaits))
        }
        samplePool(metrics)
        metrics.advance("scanward_held_back_seconds_total", to: Double(line.heldBackNanoseconds) / 1e9)
    }

    private func samplePool(_ metrics: LineMetrics) {
        if let link = line.fleet?.pool?.link ?? line.fleet?.hub?.link {
            metrics.set("scanward_pool_connected", [], link.streams.isConnected ? 1 : 0)
            metrics.advance("scanward_pool_refused_connections_total", to: Double(link.refusals))
        }
        guard let pool = line.fleet?.pool else { return }
        let depth = pool.depth, counts = pool.counts
        metrics.set("scanward_pool_parts", [("where", "spool")], Double(depth.parts - depth.sent))
        metrics.set("scanward_pool_parts", [("where", "server")], Double(depth.sent))
        metrics.set("scanward_pool_oldest_part_seconds", [], depth.age)
        metrics.set("scanward_pool_spool_bytes", [], Double(depth.bytes))
        metrics.advance("scanward_pool_handed_over_total", to: Double(counts.handedOver))
        for (outcome, count) in [
            ("verdict", counts.answered), ("undecided", counts.undecided), ("again", counts.sentAgain),
            ("repeated", counts.repeated), ("refused", counts.refused),
        ] { metrics.advance("scanward_pool_answers_total", [("outcome", outcome)], to: Double(count)) }
    }

    private func sampleModels(_ metrics: LineMetrics) {
        let catalog = line.catalog
        let used = catalog.partTypes.compactMap { catalog.entry(for: $0) }.map { entry in
            [
                ("part_type", entry.partType), ("model_id", entry.identity.id), ("version", entry.identity.version),
                ("profile", entry.identity.profile ?? ""),
            ]
        }
        for labels in line.activity.replaceModels(used.map { $0.map(\.1) }) {
            let names = ["part_type", "model_id", "version", "profile"]
            metrics.remove("scanward_model_info", Array(zip(names, labels)))
            guard let type = labels.first, !catalog.partTypes.contains(type) else { continue }
            metrics.remove("scanward_model_threshold", [("part_type", type)])
        }
        for labels in used { metrics.set("scanward_model_info", labels, 1) }
        for type in catalog.partTypes + [""] { metrics.expectVerdicts(ofType: type) }
        for type in catalog.partTypes {
            guard let entry = catalog.entry(for: type) else { continue }
            metrics.set("scanward_model_threshold", [("part_type", type)], entry.threshold)
        }
    }

    private func sampleProcess(_ metrics: LineMetrics) {
        metrics.set("process_start_time_seconds", [], Double(line.activity.startedNanoseconds) / 1e9)
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            let times = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) / 1e6 }
            metrics.advance("process_cpu_seconds_total", to: times[0] + times[1])
        }
        if let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
        {
            metrics.set("process_resident_memory_bytes", [], pages * Double(sysconf(Int32(_SC_PAGESIZE))))
        }
        if let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            metrics.set("process_open_fds", [], Double(descriptors))
        }
    }
}
