import ArgumentParser
import Foundation
import Ingest
import Threads
import ZeroMQ

struct TapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tap",
        abstract: "Shows what a scanner sends: frames, rates, gaps, refusals and why, clocks.",
        discussion: """
            ENDPOINT is where a scanner publishes (PUB): the tap is one more reader, and the monitor gets its frames all the
            same. With --bind the tap stands in the monitor's place (PULL): frames that it takes are not judged by anybody. On a
            terminal a table by scanner is kept up to date; otherwise, or with --lines, a line for each message. Exit codes: 0
            frames came, 1 failed, 3 no frame came that could be read.
            """)

    @Argument(help: ArgumentHelp("SUB: where a scanner publishes, such as tcp://scanner:5556.", valueName: "endpoint"))
    var endpoint: String?

    @Option(
        help: ArgumentHelp(
            "PULL: listen here in the monitor's place; what comes is taken from its way.", valueName: "endpoint"))
    var bind: String?

    @Option(
        help: ArgumentHelp(
            "Read a recording (pcap, pcapng), a folder of them, or - for standard input.", valueName: "file"))
    var capture: String?

    @Option(help: "End after so many messages.")
    var count: Int?

    @Option(help: ArgumentHelp("End after so long.", valueName: "seconds"))
    var duration: Double?

    @Option(help: "Show only this scanner.")
    var source: String?

    @Flag(help: "A line for each message, also on a terminal.")
    var lines = false

    @Flag(help: "Each message as a line of JSON, and a summary as the last one.")
    var json = false

    @OptionGroup(title: "Bare arrays") var arrays: ArrayOptions

    @OptionGroup var access: AccessOptions

    @OptionGroup(title: "Reading a recording")
    var reading: CaptureOptions

    func validate() throws {
        guard [endpoint, bind, capture].compactMap({ $0 }).count == 1 else {
            throw ValidationError("expected one of ENDPOINT, --bind and --capture")
        }
        _ = try arrays.configuration()
        guard (count ?? 1) > 0 else { throw ValidationError("--count: expected 1 or more") }
        guard duration.map({ $0 > 0 && $0 < 1e9 }) ?? true else {
            throw ValidationError("--duration: expected seconds above 0, found \(duration ?? 0)")
        }
        guard capture != nil || !reading.follow else { throw ValidationError("--follow goes with --capture") }
    }

    func run() async throws {
        try await reportingFailures { try tap() }
    }

    private var mode: ZeroMQFrameSource.Mode? {
        bind.map { .bind($0) } ?? endpoint.map { .connect($0) }
    }

    private func tap() throws {
        raiseDescriptorLimit()
        let stop = StopSignal()
        let signals = stopOnSignals(stop)
        defer { signals.forEach { $0.cancel() } }
        let frames: any FrameSource
        var socket: ZeroMQFrameSource?
        if let mode {
            let opened = try openSocket(mode)
            (frames, socket) = (opened, opened)
            Terminal.error("frames from \(opened.endpoint)")
            if bind != nil { Terminal.error("what comes here is taken from the monitor's way: nobody judges it") }
        } else {
            frames = try CaptureFrameSource(
                path: capture ?? "-", captureLimits: reading.limits, following: reading.following)
        }
        defer { frames.stop() }
        var report = TapReport()
        let screen = TapScreen(isTable: !json && !lines && Terminal.isOutputInteractive)
        watch(frames, socket, &report, screen, unless: stop)
        screen.end()
        let waitingFor = socket.map {
            ConnectionSentence.waiting(
                $0.connections, mode: mode ?? .bind(""), at: $0.endpoint, usesCurve: access.client.curveSecret != nil)
        }
        try show(report, frames, waitingFor: report.messages == 0 ? waitingFor : nil)
    }

    private func openSocket(_ mode: ZeroMQFrameSource.Mode) throws -> ZeroMQFrameSource {
        let context = try Context()
        let listens = bind != nil
        let access = try SocketAccess(
            access.configuration, listens: listens, connects: !listens, context: context
        ) { Terminal.error("scanward: \($0)") }
        var options = ZeroMQFrameSource.Configuration(mode: mode)
        options.allowInsecure = access.allowInsecure
        options.options.security = listens ? access.server : access.client()
        // Everything that is published, so that a wrong topic is seen too.
        options.topicPrefix = ""
        options.arrays = try arrays.configuration()
        let log = ConnectionLog()
        options.onConnection = { event in
            if case .retried = event.kind { return }
            log.note(event)
        }
        return try ZeroMQFrameSource(context: context, configuration: options)
    }

    private func watch(
        _ frames: any FrameSource, _ socket: ZeroMQFrameSource?, _ report: inout TapReport, _ screen: TapScreen,
        unless stop: StopSignal
    ) {
        let clock = SystemClock()
        let end = duration.map { clock.after(.seconds($0)) }
        // The first word on an empty line comes soon, further ones now and then.
        var nextWord = clock.after(.seconds(2)), tick = clock.after(.milliseconds(200)), seen = 0
        var lastWord = ""
        while !stop.isRaised, count.map({ seen < $0 }) ?? true {
            if let end, clock.now >= end { break }
            switch frames.next(deadline: min(tick, end ?? .max)) {
            case .closed: return
            case .timedOut: break
            case .element(let event):
                guard source.map({ $0 == event.source }) ?? true else { continue }
                seen += 1
                let observation = report.note(event)
                if json {
                    if let line = try? jsonLine(TapDisplay.Message(event, observation)) { Terminal.output(line) }
                } else if !screen.isTable {
                    Terminal.output(TapDisplay.line(event, observation))
                }
                nextWord = clock.after(.seconds(5))
            }
            guard clock.now >= tick else { continue }
            tick = clock.after(.milliseconds(500))
            screen.show { TapDisplay.table(report) }
            guard let socket, let mode, clock.now >= nextWord else { continue }
            nextWord = clock.after(.seconds(5))
            let word = ConnectionSentence.waiting(
                socket.connections, mode: mode, at: socket.endpoint, usesCurve: access.client.curveSecret != nil)
            if word != lastWord || screen.isTable {
                screen.clear()
                Terminal.error((report.messages == 0 ? "nothing yet: " : "nothing for 5 s: ") + printable(word))
            }
            lastWord = word
        }
    }

    private func show(_ report: TapReport, _ frames: any FrameSource, waitingFor: String?) throws {
        if json {
            Terminal.output(
                try jsonLine(
                    TapDisplay.Summary(
                        from: frames.name, sources: report.sources,
                        foreignMessages: frames.counters.foreignMessages, waitingFor: waitingFor)))
        } else {
            Terminal.output("")
            TapDisplay.table(report).forEach(Terminal.output)
            if let capture = frames as? CaptureFrameSource {
                (capture.statistics.report + capture.notes).map(printable).forEach(Terminal.output)
            }
        }
        if let failure = frames.failure { throw Failure(failure) }
        if let capture = frames as? CaptureFrameSource, count == nil, duration == nil, source == nil {
            try capture.requireFrames()
            if let truncation = capture.truncation { throw Failure(truncation, .truncated) }
        }
        guard report.frames == 0 else { return }
        if report.messages == 0 {
            throw Failure("no frame came: \(printable(waitingFor ?? "the recording has none of it"))", .noFrames)
        }
        let reasons = report.sources.flatMap(\.refused)
        throw Failure(
            "all \(report.messages) messages were refused"
                + (reasons.max { $0.count < $1.count }.map { ", most of them (\($0.reason)): \(printable($0.message))" }
                    ?? ""),
            .noFrames)
    }
}

/// A table that is rewritten in place on a terminal.
private final class TapScreen {
    let isTable: Bool
    private var shown = 0

    init(isTable: Bool) { self.isTable = isTable }

    func show(_ lines: () -> [String]) {
        guard isTable else { return }
        let lines = lines()
        clear()
        lines.forEach(Terminal.output)
        shown = lines.count
    }

    /// Takes the table away.
    func clear() {
        guard shown > 0 else { return }
        Terminal.rewind(lines: shown)
        shown = 0
    }

    func end() { clear() }
}
