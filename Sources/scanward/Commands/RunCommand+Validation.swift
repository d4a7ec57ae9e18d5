import ArgumentParser

/// What is refused before anything is opened; `LineOptions` looks at the values of its own.
extension RunCommand {
    func validate() throws {
        guard capture == nil || (options.bind == nil && options.connect.isEmpty) else {
            throw ValidationError("expected one of --bind, --connect and --capture, found several")
        }
        guard capture != nil || !playback.isGiven else {
            throw ValidationError(
                "--rate, --topspeed, --loop, --start-offset, --duration, --max-gap and --start-paused go with --capture"
            )
        }
        guard capture != nil || !reading.follow else {
            throw ValidationError("--follow goes with --capture")
        }
        guard (untilParts ?? 1) > 0 else { throw ValidationError("--until-parts: expected 1 or more") }
    }
}
