/// One line of `scanward doctor`.
struct Finding: Encodable, Equatable {
    enum State: String, Encodable {
        case ok
        /// Something is to be done.
        case look
        /// Not looked at, as it does not apply or cannot be told.
        case skipped
    }

    /// Names of what is wrong, for programs; stable.
    enum Cause: String, Encodable {
        case portTaken = "port_taken", wrongUnit = "wrong_unit", wrongKey = "wrong_key", clockOff = "clock_off"
        case diskFull = "disk_full", modelCorrupt = "model_corrupt", noModel = "no_model"
        case sourceSilent = "source_silent", framesRefused = "frames_refused", framesMissing = "frames_missing"
        case templateMismatch = "template_mismatch", journalReadOnly = "journal_read_only", noCurve = "no_curve"
        case journalDamaged = "journal_damaged", badEndpoint = "bad_endpoint", badConfiguration = "bad_configuration"
        case scanQuality = "scan_quality", monitorSilent = "monitor_silent", selfTest = "self_test"
        case modelsRefused = "models_refused", noAccess = "no_access"
        case fleetAway = "fleet_away", fleetRefused = "fleet_refused", fleetStreams = "fleet_streams"
        case fleetIdle = "fleet_idle", fleetDead = "fleet_dead", spoolFull = "spool_full"
    }

    /// What was looked at: `libraries`, `ports`, ...
    var check: String
    var state: State
    var cause: Cause?
    /// What was found.
    var text: String
    /// What to do; nil of a line that is ok.
    var advice: String?

    static func ok(_ check: String, _ text: String) -> Finding { Finding(check: check, state: .ok, text: text) }

    static func skipped(_ check: String, _ text: String) -> Finding {
        Finding(check: check, state: .skipped, text: text)
    }

    static func look(_ check: String, _ cause: Cause, _ text: String, do advice: String) -> Finding {
        Finding(check: check, state: .look, cause: cause, text: text, advice: advice)
    }

    /// For a person: a line, and where something is to be done one more that says what.
    var lines: [String] {
        let mark =
            switch state {
            case .ok: Paint.green("ok")
            case .look: Paint.red("LOOK")
            case .skipped: Paint.faint("-")
            }
        let width = state == .look ? "" : state == .ok ? "  " : "   "
        let name = cause.map { "\(check): \($0.rawValue.replacing("_", with: " "))" } ?? check
        var lines = ["\(mark)\(width)  \(name.padded(to: 10))  \(printable(text))"]
        if let advice { lines.append("          do: \(printable(advice))") }
        return lines
    }
}
