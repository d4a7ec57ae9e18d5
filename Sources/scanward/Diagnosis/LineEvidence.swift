import FrameProtocol
import Foundation
import Inspection
import Journal
import ZeroMQ

/// What is known of a line's frames and parts, by listening or from a monitor's journal: the causes are told from it in one way.
struct LineEvidence {
    /// Where it comes from, for people: "listening at tcp://... for 5 s".
    var origin: String
    /// Newest last.
    var verdicts: [Verdict] = []
    /// Messages that were refused: the sentence by reason.
    var refused: [String: (count: Int, sentence: String)] = [:]
    /// Arrival less the scanner's clock, ns, by source.
    var skews: [String: Int64] = [:]
    /// Frames accepted; nil where that cannot be known.
    var frames: Int?
    /// Parts of which frames came, and which were not complete by the end.
    var unfinished: [String] = []
    /// Why nothing arrives.
    var silence: String?
    /// Scanners that are down, and how that was told.
    var down: [String] = []
    /// Peers that were not let in, and why.
    var refusedPeers: [String] = []
    /// Alerts of other kinds.
    var alerts: [JournalAlert] = []
    /// Names of types that no model is for, as frames named them; "" for none.
    var unknownTypes: Set<String> = []
    /// Largest extent of a frame by source, mm, where no model could tell.
    var extents: [String: Float] = [:]
}

extension LineEvidence {
    /// From a monitor's journal: the last hour, at most 100 verdicts, without what was mended since.
    ///
    /// - Parameter allowed: the allow-list as it is now.
    init(
        journal reader: JournalReader, path: String, now: UInt64, allowed: AllowList
    ) throws(JournalError) {
        self.init(origin: "the journal in \(path)")
        let since = now - min(now, 3_600_000_000_000)
        let stored = try reader.lastVerdicts(limit: 100)
        verdicts = stored.filter { $0.decidedNanoseconds >= since }.compactMap(PartHistory.decode)
        for verdict in verdicts
        where !verdict.isSimulated && verdict.times.receivedNs > 0 && verdict.times.lastCaptureNs > 0 {
            skews[verdict.source] = signedDifference(verdict.times.receivedNs, verdict.times.lastCaptureNs)
        }
        var lastOf: [String: JournalAlert] = [:]
        let recent = try reader.alerts().filter { $0.nanoseconds >= since }
        let mended = Mended(
            verdicts: verdicts, alerts: recent, changes: try reader.modelChanges(), allowed: allowed)
        for alert in recent where !mended.covers(alert) {
            switch alert.code {
            case "source_down", "source_up":
                lastOf[Self.source(of: alert.message)] = alert
            case "frame_refused":
                let reason = Self.between("(", ")", in: alert.message)
                refused[reason] = ((refused[reason]?.count ?? 0) + 1, alert.message)
            case "key_refused", "connection_refused":
                if !refusedPeers.contains(alert.message) { refusedPeers.append(alert.message) }
            default: alerts.append(alert)
            }
        }
        down = lastOf.values.filter { $0.code == "source_down" }.map(\.message).sorted()
        if verdicts.isEmpty {
            let last = stored.last.map { "the last one was decided \(timeText($0.decidedNanoseconds))" }
            silence = "no part was judged in the last hour" + (last.map { "; \($0)" } ?? ", and none before")
        }
    }

    /// What came after an alert and says that its cause is gone.
    private struct Mended {
        /// When the last whole part of a source came, Unix ns, by its name as alerts quote it.
        private var admitted: [String: UInt64] = [:]
        /// When a configuration or a model was last taken up.
        private var reloaded: UInt64 = 0
        private let keys: [String]

        init(verdicts: [Verdict], alerts: [JournalAlert], changes: [ModelChange], allowed: AllowList) {
            for verdict in verdicts where !verdict.reasons.contains(where: { $0.code == "frame_refused" }) {
                let name = "[source \(quoted(verdict.source))"
                admitted[name] = max(admitted[name] ?? 0, verdict.times.receivedNs)
            }
            reloaded = alerts.filter { $0.code == "configuration_changed" }.map(\.nanoseconds).max() ?? 0
            reloaded = max(reloaded, changes.map(\.nanoseconds).max() ?? 0)
            keys = allowed.entries.map { SocketAccess.refusal(of: $0.key.text) }
        }

        func covers(_ alert: JournalAlert) -> Bool {
            switch alert.code {
            case "models_refused", "configuration_refused": alert.nanoseconds < reloaded
            case "key_refused": keys.contains { alert.message.hasPrefix($0) }
            case "frame_refused":
                admitted.contains { alert.message.contains($0.key) && alert.nanoseconds < $0.value }
            default: false
            }
        }
    }

    /// "source-down: NAME (ADDRESS): ..." and "source-up: NAME: ...".
    private static func source(of message: String) -> String {
        let rest = message.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        return rest.hasSuffix(":") ? String(rest.dropLast()) : rest
    }

    private static func between(_ one: Character, _ other: Character, in text: String) -> String {
        guard let begin = text.firstIndex(of: one), let end = text[begin...].firstIndex(of: other) else { return "?" }
        return String(text[text.index(after: begin)..<end])
    }
}
