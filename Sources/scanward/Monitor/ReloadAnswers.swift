import Foundation
import Journal
import MonitorConfiguration
import Threads

/// Questions and answers about reloads in a state folder, between a monitor and `scanward reload`.
///
/// `reload.request` holds the number of the last question. A monitor reads it before it begins, and puts it beside what came of
/// the reload into `reload.json`: an answer with that number or a higher one belongs to a reload that began after the question.
/// Both are replaced whole, never written in place.
struct ReloadAnswers: Sendable {
    let folder: StateFolder

    init(_ folder: StateFolder) { self.folder = folder }

    var requestFile: String { folder.path + "/reload.request" }
    var answerFile: String { folder.path + "/reload.json" }

    /// The answer to a reload, as JSON.
    struct Answer: Codable, Equatable {
        struct Change: Codable, Equatable {
            var key: String
            var from: String?
            var to: String?
        }

        struct Fault: Codable, Equatable {
            var key: String?
            var line: Int?
            var message: String
        }

        /// The last question that had been asked when the reload began.
        var request: UInt64
        var isApplied: Bool
        var message: String
        /// What changed, or (where nothing was applied) what would need a restart.
        var changes: [Change]
        var faults: [Fault]
        /// Of the monitor.
        var process: Int32
        /// RFC 3339, UTC.
        var time: String

        enum CodingKeys: String, CodingKey {
            case request, message, changes, faults, process, time
            case isApplied = "is_applied"
        }
    }

    /// The number of the last question; 0 before the first.
    var lastRequest: UInt64 {
        guard let data = FileManager.default.contents(atPath: requestFile), data.count < 32 else { return 0 }
        return UInt64(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    /// The last answer; nil before the first.
    var answer: Answer? {
        FileManager.default.contents(atPath: answerFile).flatMap { try? JSONDecoder().decode(Answer.self, from: $0) }
    }

    /// Asks: returns the question's number. Two that ask at once may get the same one; one answer serves both.
    func ask() throws -> UInt64 {
        let number = max(lastRequest, answer?.request ?? 0) + 1
        try Data("\(number)\n".utf8).write(to: URL(filePath: requestFile), options: .atomic)
        // Root may ask, whatever its umask, and the service's user reads.
        chmod(requestFile, 0o644)
        return number
    }

    func write(_ outcome: ConfigurationReloader.Outcome, to request: UInt64?) {
        let answer = Answer(
            request: request ?? 0, isApplied: outcome.isApplied, message: outcome.message,
            changes: outcome.changes.map { .init(key: $0.name.description, from: $0.before, to: $0.after) },
            faults: outcome.faults.map { fault in
                var line: Int?
                if case .file(_, let number, _) = fault.origin { line = number }
                return .init(key: fault.key, line: line, message: fault.description)
            }, process: getpid(), time: ISO8601DateFormatter().string(from: Date()))
        do {
            try JSONEncoder.line().encode(answer).write(to: URL(filePath: answerFile), options: .atomic)
        } catch {
            // A full disk, say: the reload stands, and was told of on standard error.
            Terminal.error("scanward: \(answerFile) cannot be written: \(error.localizedDescription)")
        }
    }
}
