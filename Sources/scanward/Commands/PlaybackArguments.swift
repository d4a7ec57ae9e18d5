import ArgumentParser
import Foundation
import Ingest
import Threads

/// How a recording is played: the same options for `run --capture` and `replay`.
struct PlaybackArguments: ParsableArguments {
    @Option(help: "Times the speed of the recording (default: as fast as its frames are taken).")
    var rate: Double?

    @Flag(help: "As fast as the frames are taken: the default.")
    var topspeed = false

    @Option(
        help: ArgumentHelp(
            "Play it so many times; each time after the first with sessions of its own.", valueName: "count"))
    var loop = 1

    @Option(help: ArgumentHelp("Begin so long after the first frame.", valueName: "seconds"))
    var startOffset = 0.0

    @Option(help: ArgumentHelp("Play so much of it.", valueName: "seconds"))
    var duration: Double?

    @Option(
        help: ArgumentHelp(
            "Play longer quiet times between frames as this long, of the recording's time.", valueName: "seconds"))
    var maxGap: Double?

    @Flag(help: "Wait before the first frame until space or Enter is typed, or SIGUSR1 comes.")
    var startPaused = false

    func validate() throws {
        guard rate == nil || !topspeed else { throw ValidationError("expected --rate or --topspeed, found both") }
        guard rate.map({ $0 > 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--rate: expected a number above 0, found \(rate ?? 0)")
        }
        guard loop >= 1 else { throw ValidationError("--loop: expected 1 or more, found \(loop)") }
        guard startOffset >= 0, startOffset < 1e9 else {
            throw ValidationError("--start-offset: expected seconds from 0 on, found \(startOffset)")
        }
        for (name, value) in [("duration", duration), ("max-gap", maxGap)] {
            guard value.map({ $0 > 0 && $0 < 1e9 }) ?? true else {
                throw ValidationError("--\(name): expected seconds above 0, found \(value ?? 0)")
            }
        }
        guard maxGap == nil || rate != nil else {
            throw ValidationError("--max-gap goes with --rate: without it nothing is waited for")
        }
    }

    /// Whether any of them was given.
    var isGiven: Bool {
        rate != nil || topspeed || loop != 1 || startOffset != 0 || duration != nil || maxGap != nil || startPaused
    }

    var options: PlaybackOptions {
        var options = PlaybackOptions(pacing: rate.map(Pacing.rate) ?? .topSpeed)
        options.loops = loop
        options.startOffset = .seconds(startOffset)
        options.duration = duration.map { .seconds($0) }
        options.maximumGap = maxGap.map { .seconds($0) }
        return options
    }

    /// What holds the first frame back; nil where nothing does.
    func gate(capture: String) -> StartGate? {
        guard startPaused else { return nil }
        let gate = StartGate()
        StartKey.open(gate, readsKeys: capture != "-")
        return gate
    }
}

/// Opens a gate at a key or at SIGUSR1.
private enum StartKey {
    static func open(_ gate: StartGate, readsKeys: Bool) {
        signal(SIGUSR1, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGUSR1, queue: .global())
        // The handler holds its source, so that it lives as long as the process.
        source.setEventHandler {
            withExtendedLifetime(source) { gate.open() }
        }
        source.resume()
        Terminal.error("paused: space or Enter begins, or SIGUSR1 to process \(getpid())")
        if readsKeys { Thread.detachNewThread { waitForKey(gate) } }
    }

    /// A terminal gives a line at a time; for as long as this waits it gives each key at once.
    private static func waitForKey(_ gate: StartGate) {
        var before = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &before) == 0
        if isTerminal {
            var keys = before
            keys.c_lflag &= ~tcflag_t(ICANON | ECHO)
            tcsetattr(STDIN_FILENO, TCSANOW, &keys)
        }
        defer { if isTerminal { tcsetattr(STDIN_FILENO, TCSANOW, &before) } }
        var key: UInt8 = 0
        // At the end of the input no key will come; the signal still may.
        while read(STDIN_FILENO, &key, 1) == 1 {
            guard [UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(key) else { continue }
            gate.open()
            return
        }
    }
}
