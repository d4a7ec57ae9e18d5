import Foundation
import Journal
import ParallelLoops
import Threads
import ZeroMQ

/// Looks at everything that a line needs, one thing after the other.
struct Doctor {
    var options: DoctorOptions
    /// The monitor that runs here with this line's journal or ports; nil where none does.
    let monitor: RunningLine?
    let runsSelfTest: Bool

    /// Tells `tell` of each finding as it is made.
    ///
    /// - Returns: all of them.
    func examine(unless stop: StopSignal, tell: (Finding) -> Void) -> [Finding] {
        var all: [Finding] = []
        func add(_ findings: [Finding]) {
            findings.forEach(tell)
            all += findings
        }
        if let monitor {
            add([.ok("monitor", "process \(monitor.pid) runs: \(monitor.arguments.joined(separator: " "))")])
        }
        add(MachineChecks.configuration(options))
        add(MachineChecks.libraries(options))
        add(MachineChecks.keys(options))
        add([MachineChecks.clock(options)])
        add(MachineChecks.disk(options))
        add(FleetChecks.findings(options, monitor: monitor))
        let role = options.settings.fleet.role
        // A worker keeps models alone, which come with the parts.
        if role == .score { return all }
        add(MachineChecks.journal(options))
        if role != .hub { add(MachineChecks.models(options)) }
        let ports = MachineChecks.ports(options, monitor: monitor)
        add(ports)
        if role == .hub { return all }
        let catalog = try? ModelCatalog(
            reading: options.settings.models.isEmpty && options.settings.partTypes.isEmpty
                ? options.models : options.settings.models, partTypes: options.settings.partTypes, workers: .all)
        let isTaken = ports.contains { $0.cause == .portTaken && $0.text.hasPrefix("frames") }
        add(source(catalog, isTaken: isTaken, unless: stop))
        if runsSelfTest { add([selfTest(unless: stop)]) }
        return all
    }

    /// What the source sends: listened to, or as the monitor's journal has it.
    private func source(_ catalog: ModelCatalog?, isTaken: Bool, unless stop: StopSignal) -> [Finding] {
        let types = catalog?.partTypes ?? []
        var findings: [Finding] = []
        if monitor != nil {
            guard let state = options.settings.stateFolder else {
                return [
                    .skipped(
                        "source",
                        "the monitor keeps no journal (--state): what it receives cannot be told beside it; its "
                            + "terminal and its summary do")
                ]
            }
            do {
                let reader = try StateFolder(state).reader()
                let allowed = options.settings.allowListFile.flatMap { try? AllowListFile.read($0) }
                findings = LineDiagnosis.findings(
                    try LineEvidence(
                        journal: reader, path: state, now: SystemClock.unixNanoseconds, allowed: allowed ?? AllowList()),
                    types: types)
            } catch {
                // The journal's own check says so already.
                findings = [.skipped("source", "the journal cannot be read: \(Failure.sentence(of: error))")]
            }
            // A scanner that publishes can be listened to beside the monitor.
            guard !options.listens else { return findings }
        }
        guard options.listen > 0, !isTaken, !options.inputs.isEmpty else {
            return findings + [.skipped("source", isTaken ? "the address is taken" : "not listened to (--listen 0)")]
        }
        do {
            Terminal.status(String(format: "listening to the source for up to %.0f s ...", options.listen))
            defer { Terminal.endStatus() }
            let evidence = try LineListening.listen(options, catalog: catalog, unless: stop)
            return findings + LineDiagnosis.findings(evidence, types: types)
        } catch {
            return findings + [.skipped("source", "could not be listened to: \(Failure.sentence(of: error))")]
        }
    }

    private func selfTest(unless stop: StopSignal) -> Finding {
        let entries = options.models.flatMap { ModelListing.entries(in: URL(filePath: $0)) }
        for entry in entries {
            guard let version = entry.versions.first(where: \.isCurrent), let model = try? version.content.get() else {
                continue
            }
            Terminal.status("self-test: a part through the whole line ...")
            defer { Terminal.endStatus() }
            return SelfTest.run(model: model, in: version.folder, unless: stop)
        }
        return .skipped("self-test", "no sound model to judge a part with")
    }
}
