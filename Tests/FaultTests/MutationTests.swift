import FrameProtocol
import Foundation
import TestCaptures
import TestPrograms
import Testing
import ZeroMQ

/// Row 9, live: mutated messages and mutated ZMTP against the built monitor, good frames between them.
@Suite(.serialized, Faults.timeLimit) struct MutationTests {
    private static let messages = Faults.length(300, full: 7000)
    private static let connections = Faults.length(100, full: 3000)

    /// Damaged `pcf/1` messages over a well-behaved ZeroMQ connection.
    @Test func mutatedMessagesAreRefusedByName() async throws {
        let monitor = try await MonitorUnderFire()
        let socket = try Socket(.push, context: monitor.context, options: .frames)
        try socket.connect(monitor.endpoint)
        var mutation = Mutation(seed: 9)
        for number in 0..<Self.messages {
            let original = try MonitorUnderFire.part(source: "mutant", seq: UInt64(number))
            #expect(try socket.send(mutation.message(original)))
            if number % 3 == 0 { try monitor.sendGoodFrame() }
        }
        #expect(try socket.send(MonitorUnderFire.part(source: "last", seq: 0)))
        try await monitor.awaitVerdict(on: "last-0")
        let sources = try await monitor.finish().filter { !["good", "last"].contains($0.key) }
        socket.close()

        let frames = sources.values.reduce(0) { $0 + $1.frames }
        let refused = sources.values.reduce(0) { $0 + $1.refused }
        #expect(frames + refused == Self.messages, "each is accepted or refused")
        var reasons: [String: Int] = [:]
        for (name, source) in sources {
            #expect(source.reasons.values.reduce(0, +) == source.refused, "\(name): the reasons add up")
            reasons.merge(source.reasons, uniquingKeysWith: +)
        }
        #expect(reasons.count >= 8)
        Faults.report(
            row: 9,
            "\(Self.messages) mutated messages: 0 crashes, 0 hangs, \(refused) refused by \(reasons.count) reasons, "
                + "\(frames) still valid; \(monitor.goodFrames) good frames between, 0 lost")
    }

    /// Damaged ZMTP, from the greeting on, each on a connection of its own.
    @Test func mutatedConnectionsHarmNobody() async throws {
        let monitor = try await MonitorUnderFire()
        var mutation = Mutation(seed: 10)
        for number in 0..<Self.connections {
            var stream = Wire.greeting()
            var frames = [stream.count]
            stream += Wire.ready
            for seq in 0..<3 {
                frames.append(stream.count)
                stream += Wire.messageWithCommands(
                    try MonitorUnderFire.part(source: "raw", seq: UInt64(number * 3 + seq)))
            }
            let damaged = mutation.stream(stream, frames: frames)
            let connection = try RawConnection(port: monitor.port)
            // A peer sends messages once the monitor's READY came: libzmq takes what comes before for a second handshake,
            // and hangs up.
            connection.send(damaged.prefix(frames[1]))
            connection.awaitBytes(frames[1])
            connection.send(damaged.dropFirst(frames[1]))
            #expect(connection.isClosedByPeer(), "connection \(number) hangs")
            if number % 3 == 0 { try monitor.sendGoodFrame() }
        }
        try monitor.sendGoodFrame()
        let sources = try await monitor.finish()
        for (name, source) in sources {
            #expect(source.reasons.values.reduce(0, +) == source.refused, "\(name): the reasons add up")
        }
        let others = sources.filter { $0.key != "good" }.values
        let accepted = others.reduce(0) { $0 + $1.frames }, refused = others.reduce(0) { $0 + $1.refused }
        // The damage lay behind the handshake too, and not only where it ends everything.
        #expect(accepted > Self.connections / 2 && refused > Self.connections / 20)
        Faults.report(
            row: 9,
            "\(Self.connections) mutated ZMTP connections: 0 crashes, 0 hangs, "
                + "\(accepted) messages of them accepted, \(refused) refused; "
                + "\(monitor.goodFrames) good frames between, 0 lost")
    }
}

/// A TCP connection without a library behind it.
private final class RawConnection {
    private let descriptor: Int32

    init(port: UInt16) throws { descriptor = try Loopback.connect(to: port) }

    private func setPatience(_ seconds: Int, microseconds: Int = 0) {
        var limit = timeval(tv_sec: seconds, tv_usec: microseconds)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Sends all of it. A peer that has enough may close before.
    func send(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { break }
            rest = rest.dropFirst(sent)
        }
    }

    /// Reads so many bytes; gives up when the peer closes, or says nothing, as it may to a damaged greeting.
    func awaitBytes(_ count: Int) {
        setPatience(0, microseconds: 200_000)
        var buffer = [UInt8](repeating: 0, count: 4096)
        var received = 0
        while received < count {
            let more = recv(descriptor, &buffer, buffer.count, 0)
            guard more > 0 else { break }
            received += more
        }
    }

    /// Says that this is all, and reads until the peer closes; false if it does not within 20 s.
    func isClosedByPeer() -> Bool {
        shutdown(descriptor, Int32(SHUT_WR))
        setPatience(20)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 { return true }
            if count < 0, errno != EINTR { return errno == ECONNRESET }
        }
    }
}
