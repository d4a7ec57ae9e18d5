import Dispatch
import Foundation
import Inspection
import Journal
import MonitorConfiguration
import ParallelLoops
import Synchronization
import Threads

/// Reads the configuration anew, and all that it refers to: the models with their thresholds, the allow-list.
///
/// A reload is one transaction: the file is parsed, checked as at the start and compared with what holds, the models and the
/// list are read; only then all of it is swapped. Whatever is wrong with any of it, or can be changed by a restart alone,
/// leaves everything as it is, with a sentence on standard error, an alert in the journal and an answer for whoever asked.
final class ConfigurationReloader: Sendable {
    /// What is told of a reload.
    struct Outcome: Sendable {
        var isApplied: Bool
        /// A sentence.
        var message: String
        var changes: [EffectiveConfiguration.Difference] = []
        var faults: [ConfigurationFault] = []
        /// Of the alert in the journal, where one is due.
        var alertCode: String?
    }

    private struct State {
        var effective: EffectiveConfiguration
        var scoring: ScoringConfiguration
    }

    private let source: ConfigurationSource
    private let workers: Workers
    private let access: SocketAccess
    private let journal: Journal?
    private let answers: ReloadAnswers?
    private let state: Mutex<State>
    private let waiting = Mutex<ScoringConfiguration?>(nil)
    private let queue = DispatchQueue(label: "scanward.reload")
    /// Whether the last reload was.
    private let refused = Mutex(false)
    private let observers = Mutex<(will: (@Sendable () -> Void)?, did: (@Sendable () -> Void)?)>((nil, nil))

    /// Is called when a reload begins, whoever asked for it.
    var willReload: (@Sendable () -> Void)? {
        get { observers.withLock { $0.will } }
        set { observers.withLock { $0.will = newValue } }
    }

    /// Is called when it has ended, however.
    var didReload: (@Sendable () -> Void)? {
        get { observers.withLock { $0.did } }
        set { observers.withLock { $0.did = newValue } }
    }

    init(
        _ configuration: LineConfiguration, scoring: ScoringConfiguration, workers: Workers, access: SocketAccess,
        journal: Journal?
    ) {
        source = configuration.source
        self.workers = workers
        self.access = access
        self.journal = journal
        answers = configuration.state.map(ReloadAnswers.init)
        state = Mutex(State(effective: configuration.effective, scoring: scoring))
    }

    /// What holds for the next part.
    var scoring: ScoringConfiguration { state.withLock { $0.scoring } }

    /// What holds, and where it comes from.
    var effective: EffectiveConfiguration { state.withLock { $0.effective } }

    /// Begins to read, on a queue of its own.
    ///
    /// - Parameters:
    ///   - cause: who asked, for people: SIGHUP.
    ///   - done: is told what came of it.
    func reload(because cause: String = "SIGHUP", then done: @escaping @Sendable (Outcome) -> Void = { _ in }) {
        queue.async { [self] in
            willReload?()
            defer { didReload?() }
            // Whoever asks while this one reads is answered by the next.
            let request = answers?.lastRequest
            let outcome = readAnew()
            // Before the journal is told, which may be waiting for its disk.
            answers?.write(outcome, to: request)
            done(outcome)
            tell(outcome, cause)
        }
    }

    /// What parts are closed and judged by from now on, if there is something new. Called by the assembler, between two frames.
    func take() -> ScoringConfiguration? {
        waiting.withLock { scoring in
            defer { scoring = nil }
            return scoring
        }
    }

    private func readAnew() -> Outcome {
        let present = state.withLock { $0 }
        let effective = source.read()
        guard effective.errors.isEmpty else { return refusal(effective.errors) }
        let changes = present.effective.differences(to: effective)
        if let refusal = refusal(ofRestarts: changes) { return refusal }
        let settings = MonitorSettings(effective)
        let catalog: ModelCatalog
        let allowed: AllowListFile.Reading?
        do {
            allowed = try settings.allowListFile.map(AllowListFile.Reading.init)
            if let secret = settings.curveSecretFile { _ = try KeyFile.read(secret) }
        } catch {
            return Outcome(
                isApplied: false, message: "\(Self.sentence(error)); the configuration in use stays",
                alertCode: "configuration_refused")
        }
        do {
            catalog = try ModelCatalog(settings, workers: workers, reusing: present.scoring.catalog)
        } catch {
            let whole = changes.isEmpty ? "the models in use stay" : "the configuration and the models in use stay"
            return Outcome(
                isApplied: false, message: "\(Self.sentence(error)); \(whole)", alertCode: "models_refused")
        }
        // Where nothing differs that a verdict follows from, the folders may: the new ones are those to write to.
        var scoring = ScoringConfiguration(settings, catalog: catalog, generation: present.scoring.generation)
        if scoring.hash != present.scoring.hash {
            scoring = ScoringConfiguration(settings, catalog: catalog, generation: present.scoring.generation + 1)
            waiting.withLock { $0 = scoring }
        }
        state.withLock { $0 = State(effective: effective, scoring: scoring) }
        if let allowed { access.take(allowed) }
        journal?.setRetention(settings.retention)
        return Outcome(
            isApplied: true, message: message(of: changes, from: present.scoring, to: scoring), changes: changes)
    }

    private func refusal(_ faults: [ConfigurationFault]) -> Outcome {
        let more = faults.count == 1 ? "" : " (and \(faults.count - 1) more; `scanward config check` names them)"
        return Outcome(
            isApplied: false, message: "\(faults[0])\(more); the configuration in use stays", faults: faults,
            alertCode: "configuration_refused")
    }

    private func refusal(ofRestarts changes: [EffectiveConfiguration.Difference]) -> Outcome? {
        let restarts = changes.filter { $0.key.change == .restart }
        guard !restarts.isEmpty else { return nil }
        let names = restarts.map { "\($0.name) (\($0.before ?? "not set") to \($0.after ?? "not set"))" }
        return Outcome(
            isApplied: false,
            message:
                "\(names.joined(separator: ", ")) can be changed by a restart alone; nothing of the new configuration "
                + "was taken, the one in use stays", changes: restarts, alertCode: "configuration_refused")
    }

    private func message(
        of changes: [EffectiveConfiguration.Difference], from before: ScoringConfiguration,
        to after: ScoringConfiguration
    ) -> String {
        let texts = changes.map { "\($0.name) \($0.before ?? "not set") -> \($0.after ?? "not set")" }
        guard before.catalog.modelIDs != after.catalog.modelIDs else {
            guard !texts.isEmpty else {
                return source.file == nil
                    ? "the models are those in use" : "the configuration and the models are those in use"
            }
            return "from the next part on: \(texts.joined(separator: ", "))"
        }
        return "from the next part on scored by \(after.catalog.description)"
            + (texts.isEmpty ? "" : "; \(texts.joined(separator: ", "))")
    }

    private func tell(_ outcome: Outcome, _ cause: String) {
        Terminal.error("scanward: \(cause): \(printable(outcome.message))")
        // What was refused before, and is sound again as it was, is told too: whoever reads the refusal sees that it is over.
        let wasRefused = refused.withLock { refused in
            defer { refused = !outcome.isApplied }
            return refused
        }
        let isNews = !outcome.changes.isEmpty || wasRefused
        guard let code = outcome.alertCode ?? (isNews ? "configuration_changed" : nil) else { return }
        journal?.append(
            .alert(.init(code: code, message: outcome.message, nanoseconds: SystemClock.unixNanoseconds)))
    }

    private static func sentence(_ error: any Error) -> String { (error as? Failure)?.description ?? "\(error)" }
}

extension ModelCatalog {
    /// What differs between two sets, by part type.
    func changes(from other: ModelCatalog, configHash: String) -> [ModelChange] {
        Set(partTypes).union(other.partTypes).sorted().compactMap { type in
            let before = other.entry(for: type)?.identity.id, after = entry(for: type)?.identity.id
            guard before != after else { return nil }
            return ModelChange(
                partType: type, from: before, to: after, configHash: configHash,
                nanoseconds: SystemClock.unixNanoseconds)
        }
    }
}
