import Foundation
import Synchronization
import TestPrograms
import Testing
import Threads
import ZeroMQ

/// Row 8: the publisher is cut off in the middle of a part.
@Suite(.serialized, Faults.timeLimit) struct LinkFaultTests {
    enum Mode: String, CaseIterable { case push, sub }

    @Test(
        .enabled(
            if: Namespaces.areAvailable, Comment(rawValue: Namespaces.need)),
        arguments: Faults.length([.push], full: Mode.allCases))
    func aCutIsToldTimedOutAndHealed(mode: Mode) async throws {
        let outage = Faults.length(6.0, full: 10.0), deadline = 4.0
        let namespaces = try Namespaces()
        let endpoint =
            mode == .push ? "tcp://\(namespaces.monitorAddress):5600" : "tcp://\(namespaces.publisherAddress):5600"
        let monitor = try Program(
            [
                "run", mode == .push ? "--bind" : "--connect", endpoint, "--publish", "none", "--allow-insecure",
                "--model",
                try await QuickModel.folder(), "--part-deadline", "\(deadline)", "--json",
            ], startedBy: namespaces.monitorPrefix)
        _ = try #require(await monitor.line(beginning: "frames from "))
        let publisher = Publisher(mode, endpoint, in: namespaces)
        // The whole part is judged: the frame of the open one behind it is on its way, or there.
        _ = try #require(await monitor.outputLine { $0.contains(#""part_id":"whole""#) })
        let opened = SystemClock().now

        try namespaces.setLink(up: false)
        let cut = SystemClock().now
        _ = try #require(await monitor.errorLine { $0.contains("source-down: scanner-t") })
        let alert = Faults.seconds(since: cut)
        let verdict = try #require(await monitor.outputLine { $0.contains(#""part_id":"open""#) })
        let closed = Faults.seconds(since: opened)
        #expect(verdict.contains("deadline_passed") && verdict.contains("not_decidable"))
        _ = SystemClock().wait(until: cut + UInt64(outage * 1e9), unless: StopSignal())

        try namespaces.setLink(up: true)
        let healed = SystemClock().now
        publisher.goOn()
        _ = try #require(await monitor.errorLine { $0.contains("source-up: scanner-t") })
        let reconnected = Faults.seconds(since: healed)
        monitor.terminate()
        let output = await monitor.finish()
        publisher.stop()
        #expect(output.status == 0)
        #expect(Faults.isKept(alert <= 2), "two heartbeats")
        #expect(Faults.isKept(reconnected < 5))
        #expect(Faults.isKept(abs(closed - deadline) <= 1))
        // On a busy machine the link is down for longer than the short form says: the connection may be given up besides.
        #expect(output.standardError.contains(Faults.isFull ? "scanner-t was down 1 time, " : "scanner-t was down "))
        Faults.report(
            row: 8,
            "\(mode.rawValue), link down for \(Faults.text(outage)): source-down after \(Faults.text(alert)), the open part closed "
                + "after \(Faults.text(closed)) (deadline \(Faults.text(deadline))), heard again \(Faults.text(reconnected)) after "
                + "the link")
    }

    /// A scanner's program on a thread of its own in the other namespace.
    private final class Publisher: Sendable {
        private let resume = StopSignal(), end = StopSignal()
        private let thread: JoinableThread

        init(_ mode: Mode, _ endpoint: String, in namespaces: Namespaces) {
            thread = JoinableThread(name: "publisher") { [resume, end] in
                do {
                    try namespaces.enterPublisher()
                    let context = try Context()
                    var options = SocketOptions.frames
                    options.linger = .zero
                    let socket = try Socket(mode == .push ? .push : .xpub, context: context, options: options)
                    if mode == .push {
                        try socket.connect(endpoint)
                    } else {
                        _ = try socket.bind(endpoint, allowInsecure: true)
                        // The subscription: nothing is published before.
                        _ = try socket.receive(unless: end)
                    }
                    var frames = TestFrames()
                    for message in try frames.part("whole") { #expect(try socket.send(message)) }
                    #expect(try socket.send(frames.frame(of: "open", 0, end: false)))
                    resume.wait(until: nil)
                    var number = 0
                    while !end.isRaised {
                        let message = try frames.frame(of: "after-\(number)", 0, end: true)
                        _ = try socket.send(message, deadline: SystemClock().after(.milliseconds(100)), unless: end)
                        end.wait(until: SystemClock().after(.milliseconds(50)))
                        number += 1
                    }
                    socket.close()
                } catch {
                    Issue.record(error)
                }
            }
        }

        func goOn() { resume.raise() }

        func stop() {
            end.raise()
            resume.raise()
            thread.join()
        }
    }
}
