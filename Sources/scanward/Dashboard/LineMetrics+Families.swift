import Dashboard

extension LineMetrics {
    /// Seconds of a stage: from a millisecond to a minute.
    private static let stageBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
    private static let commitBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
    /// Score over threshold: 1 is the threshold.
    private static let ratioBounds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 2, 3, 5, 10]

    /// Every family at /metrics, in the order in which they come.
    static let families: [MetricDescription] = [
        .init("scanward_build_info", .gauge, "1, with the version of scanward."),
        .init("scanward_frames_received_total", .counter, "Frames that were accepted, by scanner."),
        .init("scanward_frames_refused_total", .counter, "Messages that were refused, by scanner and reason."),
        .init("scanward_frames_missed_total", .counter, "Frames that a gap in seq says are missing, by scanner."),
        .init("scanward_frames_repeated_total", .counter, "Frames whose seq came before, by scanner."),
        .init("scanward_points_received_total", .counter, "Points of accepted frames, by scanner."),
        .init("scanward_received_bytes_total", .counter, "Bytes of all messages, by scanner."),
        .init("scanward_source_up", .gauge, "1 while a scanner that sent frames is connected, 0 while it is down."),
        .init(
            "scanward_source_last_frame_timestamp_seconds", .gauge,
            "When the last frame of a scanner came, seconds since the Unix epoch."),
        .init(
            "scanward_source_clock_skew_seconds", .gauge,
            "Time of arrival less the scanner's t_send_ns, of its last frame that has one."),
        .init("scanward_parts_opened_total", .counter, "Parts of which a first frame was seen."),
        .init("scanward_parts_open", .gauge, "Parts that wait for frames."),
        .init("scanward_verdicts_total", .counter, "Verdicts published, by evaluation and type of the model's parts."),
        .init("scanward_verdicts_repeated_total", .counter, "Parts that were answered with their verdict of before."),
        .init(
            "scanward_verdicts_withheld_total", .counter, "Verdicts that could not be stored, and nobody was told of."),
        .init(
            "scanward_part_score_ratio", .histogram(bounds: ratioBounds),
            "Part score over threshold (1 is the threshold), by part type."),
        .init(
            "scanward_verdict_latency_seconds", .histogram(bounds: stageBounds),
            "From a part's last frame to its verdict."),
        .init(
            "scanward_stage_duration_seconds", .histogram(bounds: stageBounds),
            "Time of a part in each stage: acquisition, queue, sample, infer, localize."),
        .init(
            "scanward_queue_depth", .gauge, "Elements that wait, by queue: frames, parts, pictures, clouds, journal."),
        .init("scanward_queue_capacity", .gauge, "Most elements that may wait, by queue."),
        .init(
            "scanward_queue_full_total", .counter,
            "Times that a queue was full: its producer waited; that of clouds or pictures left a part out."),
        .init(
            "scanward_held_back_seconds_total", .counter,
            "Time in which frames were not taken in, as the stages behind were full."),
        .init(
            "scanward_journal_commit_duration_seconds", .histogram(bounds: commitBounds),
            "Time of a commit of the journal, each with one fsync."),
        .init("scanward_journal_ready", .gauge, "1 while verdicts can be stored."),
        .init("scanward_journal_head", .gauge, "Number of the last verdict in the journal."),
        .init("scanward_journal_unreadable_verdicts", .gauge, "Verdicts that were asked for and are damaged."),
        .init("scanward_ready", .gauge, "1 while /readyz says ready."),
        .init("scanward_model_info", .gauge, "1 for each model in use, with its id, version and profile."),
        .init("scanward_model_threshold", .gauge, "Part score above which a part fails, by part type; without unit."),
        .init("scanward_heatmaps_dropped_total", .counter, "Heat maps not drawn, as drawing was too far behind."),
        .init("scanward_clouds_kept_total", .counter, "Parts kept for the dashboard."),
        .init(
            "scanward_clouds_dropped_total", .counter,
            "Parts not kept for the dashboard, by reason: busy, room, failed, rate, missing (a fleet's worker was to send it)."
        ),
        .init("scanward_clouds_stored_bytes", .gauge, "Bytes of the parts that are kept for the dashboard."),
        .init(
            "scanward_http_failures_total", .counter,
            "Requests that failed here and not by the client's fault; see the log."),
        .init(
            "scanward_metrics_refused_series_total", .counter,
            "Sets of label values that found no room in their metric, and are not told."),
        .init("scanward_pool_connected", .gauge, "1 while a NATS server of the fleet is reached."),
        .init(
            "scanward_pool_parts", .gauge,
            "Parts of this line without a verdict, by where: in the spool only, or with the server too."),
        .init(
            "scanward_pool_oldest_part_seconds", .gauge,
            "Since when the oldest part waits for the fleet: what to add workers by."),
        .init("scanward_pool_spool_bytes", .gauge, "Bytes of the parts in the spool."),
        .init(
            "scanward_pool_refused_connections_total", .counter,
            "How often the fleet's server did not let us in since the start."),
        .init("scanward_pool_handed_over_total", .counter, "Parts that were handed to the fleet."),
        .init(
            "scanward_pool_answers_total", .counter,
            "What became of them, by outcome: verdict; undecided; again (returned or lost, and sent once more); repeated (came "
                + "twice, and counted once); refused (an answer that is none)."),
        .init("process_start_time_seconds", .gauge, "When the process began, seconds since the Unix epoch."),
        .init("process_cpu_seconds_total", .counter, "Processor time of the process, user and system."),
        .init("process_resident_memory_bytes", .gauge, "Memory of the process that is in RAM."),
        .init("process_open_fds", .gauge, "Descriptors that the process has open."),
    ]
}
