/// What need not be kept is removed between the commits.
extension JournalWriter {
    func retain() {
        nextRetention = clock.after(configuration.retentionInterval)
        let now = wallClock.unixNanoseconds
        let isTrusted = clockWatch.isTrusted(wall: now, monotonic: clock.now)
        if !isTrusted && clockWatch.takeNews() {
            alert(
                "clock_jumped",
                "the clock was set by more than 5 minutes: until the next start nothing is removed by age")
        }
        let retention = shared.state.withLock { $0.retention }
        let pass = RetentionPass(retention: retention, now: isTrusted ? now : nil)
        var outcome = RetentionPass.Plan()
        let done: Void? = attempt {
            var next = self.state
            next.generation += 1
            try self.pool.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    outcome = try pass.remove(db)
                    guard outcome.count > 0 else { return .rollback }
                    try next.write(db)
                    return .commit
                }
            }
            guard outcome.count > 0 else { return }
            self.state = next
            _ = self.witness?.write(.init(generation: next.generation, epoch: next.epoch))
            self.logPages += outcome.count
        }
        guard done != nil else { return }
        if let step = outcome.step, !isHoldingOld {
            alert(
                "times_step",
                "the verdicts' times go on after \(step / RetentionPass.day) days without any: the line stood still, or the clock "
                    + "was set. Nothing is removed by age until a day of verdicts has followed; if the clock is wrong, set it, or "
                    + "what is kept is removed then")
        }
        isHoldingOld = outcome.step != nil
        for consumer in outcome.overruled where overruled.insert(consumer.name).inserted {
            alert(
                "consumer_overruled",
                "verdicts that consumer \(consumer.name) has not acknowledged (it stands at \(consumer.seq)) were removed: "
                    + "the journal is larger than \(retention.unacknowledgedBytes >> 20) MiB; "
                    + "if it is gone for good: `scanward journal compact --forget \(consumer.name)`")
        }
        // The rest soon, after what waits to be stored.
        if outcome.count > 0 { nextRetention = nextWatch }
        if logPages > Self.checkpointPages { checkpoint() }
    }
}
