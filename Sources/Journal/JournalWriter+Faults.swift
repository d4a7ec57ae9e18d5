/// What cannot be stored now, or not any more.
extension JournalWriter {
    var hasFailed: Bool { if case .failed = readiness { true } else { false } }
    var readiness: Journal.Readiness { shared.state.withLock { $0.readiness } }

    /// Why something was not stored.
    var reason: JournalError {
        switch readiness {
        case .failed(let error): error
        case .waiting(let alert): JournalError(code: .diskFull, message: alert.message)
        case .ready: JournalError(code: .closed, message: "the journal is closed")
        }
    }

    /// Runs `body`, again and again while the disk is full; nil after a failure, or if the journal closes meanwhile.
    func attempt<Value>(_ body: () throws -> Value) -> Value? {
        var isLast = false
        while !hasFailed {
            // One that waits for room on a full disk does its work.
            shared.progress.step()
            do {
                let value = try body()
                if case .waiting(let alert) = readiness, alert.code != Self.nearlyFull { resume() }
                return value
            } catch {
                let error = JournalError(error, at: configuration.folder.database)
                switch error.code {
                case .diskFull: wait(code: "disk_full", "the disk is full: \(error.message)")
                case .inUse: wait(code: "journal_locked", "another program holds the journal: \(error.message)")
                default:
                    fail(error)
                    return nil
                }
                if isLast { return nil }
                // On closing, one more attempt; else the time until the next.
                isLast = !clock.wait(until: clock.after(configuration.retryInterval), unless: shared.closing)
            }
        }
        return nil
    }

    func wait(code: String, _ message: String) {
        if case .waiting(let alert) = readiness, alert.code == code { return }
        let alert = JournalAlert(
            code: code, message: message + "; verdicts are held back until it can store them",
            nanoseconds: wallClock.unixNanoseconds)
        alerts.append(alert)
        shared.state.withLock { $0.readiness = .waiting(alert) }
        observe(.notReady(alert))
    }

    /// Stored again; whether there is room for more is another question.
    func resume() {
        if let alert = shortage { return shared.state.withLock { $0.readiness = .waiting(alert) } }
        becomeReady()
    }

    func becomeReady() {
        shared.state.withLock { $0.readiness = .ready }
        observe(.ready)
    }

    func fail(_ error: JournalError) {
        if error.code == .damaged { shared.damage.note(error.message) }
        shared.state.withLock { $0.readiness = .failed(error) }
        queue.close()
        observe(.failed(error))
    }

    func alert(_ code: String, _ message: String) {
        let alert = JournalAlert(code: code, message: message, nanoseconds: wallClock.unixNanoseconds)
        alerts.append(alert)
        observe(.alert(alert))
    }

    // MARK: Free space

    func watchFreeSpace() {
        let shortage = shortage
        switch readiness {
        case .ready: if let shortage { wait(code: shortage.code, shortage.message) }
        case .waiting(let alert): if alert.code == Self.nearlyFull && shortage == nil { becomeReady() }
        case .failed: break
        }
    }

    /// What there is to say of the free space; nil while it suffices.
    var shortage: JournalAlert? {
        guard let free = disk.freeBytes(at: configuration.folder.path), free < configuration.minimumFreeBytes else {
            return nil
        }
        return JournalAlert(
            code: Self.nearlyFull,
            message: "\(free / 1024) KiB are free for \(configuration.folder.path), expected "
                + "\(configuration.minimumFreeBytes / 1024) KiB or more",
            nanoseconds: wallClock.unixNanoseconds)
    }
}
