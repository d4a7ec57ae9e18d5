import ArgumentParser
import Foundation
import Inspection
import Journal

struct JournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Looks after the journal of verdicts that `run --state` keeps.",
        subcommands: [JournalCheckCommand.self, JournalExportCommand.self, JournalCompactCommand.self])
}

struct JournalCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Says whether every byte of a journal is as it was written, and what is in it.",
        discussion: """
            It only reads, also beside a running monitor. Exit codes: 0 sound, 1 cannot be read, 5 damaged.
            """)

    @Flag(help: "As a JSON object.")
    var json = false

    @OptionGroup var place: JournalPlace

    func run() async throws {
        try await reportingFailures {
            let state = try place.path()
            var progress: ProgressLine?
            let check = try JournalCheck.run(folder: StateFolder(state)) { done, total in
                if progress == nil { progress = ProgressLine("check", total: total) }
                progress?.update(done)
            }
            progress?.end()
            if json {
                let setAside = StateFolder(state).setAside
                Terminal.output(try jsonLine(JournalReport.Check(check, setAside: setAside)))
            } else {
                lines(check, of: state).forEach(Terminal.output)
            }
            guard check.problems.isEmpty else {
                throw Failure(
                    "the journal is damaged: `scanward run --state` sets it aside and begins a new one, "
                        + "`scanward journal export` reads what can be read", .damagedJournal)
            }
        }
    }

    private func lines(_ check: JournalCheck, of state: String) -> [String] {
        var lines = check.problems.map { "problem: \(printable($0))" }
        if let epoch = check.epoch { lines.append("epoch \(epoch)") }
        if let verdicts = check.verdicts {
            lines.append(
                "verdicts \(verdicts.lowerBound) to \(verdicts.upperBound), \(check.checkedVerdicts) compared with their "
                    + "checksums; published up to \(check.published) at least")
        } else {
            lines.append("no verdicts; the last number is \(check.head)")
        }
        lines += check.openParts.map { "part without a verdict: \(printable($0.key.partID)) of \($0.key.source)" }
        lines += check.consumers.map {
            "consumer \($0.name) has acknowledged \($0.seq), \(check.head - min(check.head, $0.seq)) behind"
        }
        lines += check.modelChanges.suffix(5).map {
            "model of \(printable($0.partType)) changed from \(($0.from ?? "none").prefix(12)) to "
                + "\(($0.to ?? "none").prefix(12)) at \(time($0.nanoseconds))"
        }
        lines += check.alerts.suffix(10).map { "alert \($0.code) at \(time($0.nanoseconds)): \(printable($0.message))" }
        lines += StateFolder(state).setAside.map { "set aside: \($0)" }
        if check.problems.isEmpty { lines.append("sound") }
        return lines
    }

    private func time(_ nanoseconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(nanoseconds) / 1e9).formatted(.iso8601)
    }
}

struct JournalExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes verdicts of a journal to standard output, also of one that is damaged.",
        discussion: """
            Exit codes: 0 all were written, 1 cannot be read, 5 some could not be read; which ones is told on standard error.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case jsonl, csv
    }

    @OptionGroup var place: JournalPlace

    @Option(help: "The first verdict.")
    var from: UInt64 = 1

    @Option(help: "The last verdict.")
    var to: UInt64?

    @Option(help: "Only ok, not_ok, not_decidable or undefined.")
    var evaluation: Evaluation?

    @Option(help: "Only parts of this type.")
    var partType: String?

    @Option(help: "Only parts of this scanner.")
    var source: String?

    @Option(help: "jsonl: each as it was published, a line each; csv: the main fields.")
    var format = Format.jsonl

    func run() async throws {
        try await reportingFailures {
            let state = try place.path()
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: state, isDirectory: &isFolder)
            let path = isFolder.boolValue ? StateFolder(state).database : state
            var salvage = JournalSalvage(try JournalReader(opening: path))
            let filter = JournalReader.Filter(evaluation: evaluation?.rawValue, partType: partType, source: source)
            let last = min(to ?? .max, (try? JournalReader(opening: path).extent().head) ?? 0)
            // On a terminal the verdicts themselves show how far it is.
            let progress = ProgressLine("export", total: last >= from ? Int(clamping: last - from) + 1 : 1)
            defer { if !Terminal.isOutputInteractive { progress.end() } }
            if format == .csv { try Terminal.deliver(Self.columns.joined(separator: ",")) }
            try salvage.forEach(from: from, through: to ?? .max) { verdict in
                if !Terminal.isOutputInteractive { progress.update(Int(clamping: verdict.seq - from) + 1) }
                guard filter.accepts(verdict) else { return }
                try Terminal.deliver(format == .csv ? Self.row(verdict) : String(decoding: verdict.json, as: UTF8.self))
            }
            guard !salvage.foundNothing else {
                throw Failure(
                    "nothing could be read of \(path): expected a journal of verdicts, found neither one nor where it ends",
                    .damagedJournal)
            }
            guard salvage.lost.isEmpty else {
                let ranges = salvage.lost.prefix(20).map { "\($0.lowerBound) to \($0.upperBound)" }
                throw Failure("verdicts that could not be read: " + ranges.joined(separator: ", "), .damagedJournal)
            }
        }
    }

    private static let columns = [
        "seq", "decided", "line", "station", "source", "session", "part_id", "attempt", "part_type", "evaluation",
        "score",
        "threshold", "regions", "reasons", "model_id", "result_id",
    ]

    private static func row(_ stored: JournalVerdict) -> String {
        let verdict = try? JSONDecoder().decode(Verdict.self, from: Data(stored.json))
        let decided = Date(timeIntervalSince1970: Double(stored.decidedNanoseconds) / 1e9).formatted(.iso8601)
        let fields: [String] = [
            "\(stored.seq)", decided, stored.line, stored.station, stored.part.source, stored.part.session,
            stored.part.partID, "\(stored.part.attempt)", stored.partType ?? "", stored.evaluation,
            verdict?.score.map { "\($0)" } ?? "", verdict?.threshold.map { "\($0)" } ?? "",
            verdict.map { "\($0.regions.count)" } ?? "", verdict?.reasons.map(\.code).joined(separator: " ") ?? "",
            verdict?.model?.id ?? "", stored.resultID,
        ]
        return fields.map(quoted).joined(separator: ",")
    }

    /// RFC 4180. A field that a spreadsheet would take for a formula is kept as text.
    private static func quoted(_ field: String) -> String {
        let safe = field.first.map { "=+@\t\r".contains($0) } ?? false ? "'" + field : field
        guard safe.contains(where: { ",\"\n\r".contains($0) }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}

struct JournalCompactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Removes what need not be kept, and makes the file as small as its content.",
        discussion: "Refused while a monitor runs with this journal: it removes what is old by itself.")

    @OptionGroup var place: JournalPlace

    @Option(help: ArgumentHelp("Remove verdicts older than this.", valueName: "days"))
    var keepDays = 90.0

    @Option(help: ArgumentHelp("Remove the oldest while the journal is larger.", valueName: "MiB"))
    var keepSize = 4096

    @Option(help: ArgumentHelp("A consumer that is gone for good: nothing is kept for it any more.", valueName: "name"))
    var forget: [String] = []

    @Flag(help: "As a JSON object.")
    var json = false

    func run() async throws {
        try await reportingFailures {
            guard keepDays > 0, keepDays < 36_500, keepSize > 0, keepSize < 1 << 30 else {
                throw Failure("--keep-days, --keep-size: expected numbers above 0")
            }
            var retention = Retention()
            retention.age = .seconds(keepDays * 86_400)
            retention.bytes = keepSize << 20
            retention.unacknowledgedBytes = 2 * keepSize << 20
            let state = try place.path()
            var progress: ProgressLine?
            let done = try JournalCompaction.run(
                StateFolder(state), retention: retention, forget: forget,
                progress: { stage, done, total in
                    if stage == .writing {
                        progress?.end()
                        Terminal.status("writing the file anew ...")
                    } else {
                        if progress == nil { progress = ProgressLine("check", total: total) }
                        progress?.update(done)
                    }
                })
            Terminal.endStatus()
            guard !json else {
                return Terminal.output(
                    try jsonLine(
                        JournalReport.Compaction(
                            removed: done.removed, left: done.left, bytesBefore: done.before, bytesAfter: done.after)))
            }
            Terminal.output(
                "\(done.removed) verdicts removed, \(done.left) kept; \(done.before >> 10) KiB before, "
                    + "\(done.after >> 10) KiB now")
        }
    }
}
