import FrameProtocol
import Foundation
import Synchronization
import TestCaptures
import Testing
import Threads

@testable import Ingest

/// A clock on which another program writes on to a capture whenever the reader waits for more.
private final class WritingClock: MonotonicClock {
    private struct State {
        var now: UInt64 = 1000
        var pieces: [[UInt8]]
        var waits = 0
    }

    private let path: String
    private let state: Mutex<State>
    /// Raised when there is nothing more to write, if it is given.
    private let atEnd: StopSignal?

    init(path: String, pieces: [[UInt8]], atEnd: StopSignal? = nil) {
        self.path = path
        self.atEnd = atEnd
        state = Mutex(State(pieces: pieces.reversed()))
    }

    var now: UInt64 { state.withLock { $0.now } }
    var waits: Int { state.withLock { $0.waits } }

    func wait(until instant: UInt64, unless stop: StopSignal) -> Bool {
        let piece = state.withLock { state in
            state.now = max(state.now, instant)
            state.waits += 1
            return state.pieces.popLast()
        }
        guard let piece, let file = FileHandle(forWritingAtPath: path) else {
            atEnd?.raise()
            return !stop.isRaised
        }
        file.seekToEndOfFile()
        file.write(Data(piece))
        try? file.close()
        return !stop.isRaised
    }
}

@Suite(.timeLimit(.minutes(30))) struct CaptureFollowTests {
    private let messages = (0..<4).map { try! TrueFrames.message(seq: $0, points: 400) }

    private func bytes() -> [UInt8] {
        var connection = ConnectionBuilder()
        connection.open()
        connection.send(Wire.greeting() + Wire.ready)
        for message in messages { connection.send(Wire.message(message)) }
        return CaptureFileWriter(connection.packets, linkType: .ethernet).bytes
    }

    private func pieces(of size: Int) -> [[UInt8]] {
        let bytes = bytes()
        return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min(bytes.count, $0 + size)]) }
    }

    /// Pieces end anywhere, within the file's header and within packets.
    @Test(arguments: [7, 100, 4096])
    func goesOnAsTheFileGrows(by size: Int) throws {
        let file = try CaptureFile([])
        let clock = WritingClock(path: file.path, pieces: pieces(of: size))
        let following = CaptureFollowing(idle: .seconds(1))
        let source = try CaptureFrameSource(path: file.path, following: following, clock: clock)
        var found: [UInt64] = []
        while let event = source.next(deadline: nil).element {
            guard case .frame(let frame) = event.content else { continue }
            found.append(frame.header.seq)
        }
        #expect(found == [0, 1, 2, 3] && source.failure == nil && source.truncation == nil)
        // It looked again after each piece, and for a second of nothing.
        #expect(clock.waits >= bytes().count / size && clock.now >= 1_000_000_000)
    }

    /// With a duration it ends by itself, once the capture's time is 10 s behind the stretch: with frames or without.
    @Test(arguments: [true, false])
    func endsBehindItsStretch(_ hasFramesBehind: Bool) throws {
        var connection = ConnectionBuilder()
        connection.open()
        connection.send(Wire.greeting() + Wire.ready)
        for (number, message) in messages.enumerated() {
            // At 0, 2, 4 and 6 s.
            connection.interval = 1
            connection.send(Wire.message(message))
            connection.time += 2_000_000_000
            if number == 2, !hasFramesBehind { break }
        }
        connection.interval = 1_000_000_000
        for _ in 0..<30 { connection.send(Wire.ping) }
        let file = try CaptureFile([])
        let bytes = CaptureFileWriter(connection.packets, linkType: .ethernet).bytes
        let pieces = stride(from: 0, to: bytes.count, by: 500).map { Array(bytes[$0..<min(bytes.count, $0 + 500)]) }
        let stop = StopSignal()
        let clock = WritingClock(path: file.path, pieces: pieces, atEnd: stop)
        var options = PlaybackOptions()
        options.startOffset = .seconds(1)
        options.duration = .seconds(2)
        let playback = try CapturePlayback(
            path: file.path, limits: CaptureLimits(), options: options, following: CaptureFollowing(), clock: clock,
            unless: stop)
        var found: [[[UInt8]]] = []
        while let item = try playback.next() { found.append(item.message.parts) }
        #expect(found == [messages[1]])
        // Before there was nothing more to read; and not before 13 s.
        #expect(!stop.isRaised)
        let last = try #require(
            connection.packets.firstIndex {
                $0.timestampNanoseconds > connection.packets[0].timestampNanoseconds + 13_000_000_000
            })
        #expect((last - 1...last + 1).contains(playback.statistics.packets))
    }

    @Test func stoppedWithinAPacketItIsNotCalledCutOff() throws {
        let file = try CaptureFile([])
        let stop = StopSignal()
        let clock = WritingClock(path: file.path, pieces: Array(pieces(of: 1000).dropLast()), atEnd: stop)
        let frames = try CaptureFrames(
            path: file.path, limits: CaptureLimits(), following: CaptureFollowing(), clock: clock, unless: stop)
        var count = 0
        while try frames.next() != nil { count += 1 }
        #expect(count == 3 && frames.truncation == nil)
    }

    @Test func idleWithinAPacketItIsCutOff() throws {
        let file = try CaptureFile([])
        let clock = WritingClock(path: file.path, pieces: Array(pieces(of: 1000).dropLast()))
        let frames = try CaptureFrames(
            path: file.path, limits: CaptureLimits(), following: CaptureFollowing(idle: .seconds(2)), clock: clock)
        var count = 0
        while try frames.next() != nil { count += 1 }
        #expect(count == 3 && frames.truncation?.contains("breaks off") == true)
    }

    @Test func stoppedBeforeTheHeaderItEnds() throws {
        let file = try CaptureFile([])
        let stop = StopSignal()
        let clock = WritingClock(path: file.path, pieces: [], atEnd: stop)
        let frames = try CaptureFrames(
            path: file.path, limits: CaptureLimits(), following: CaptureFollowing(), clock: clock, unless: stop)
        #expect(try frames.next() == nil)
    }

    /// The end of reading a pipe does not wait for its writer.
    @Test func aPipeCanBeStopped() throws {
        let file = try CaptureFile([])
        let pipe = file.path + ".pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let writer = open(pipe, O_RDWR)
        defer { close(writer) }
        #expect(bytes().withUnsafeBytes { write(writer, $0.baseAddress, $0.count) } == bytes().count)
        let stop = StopSignal()
        let reader = try CaptureReader(path: pipe, unless: stop)
        for _ in 0..<15 { #expect(try reader.next() != nil) }
        stop.raise()
        while try reader.next() != nil {}
        #expect(reader.packets >= 15 && reader.truncation == nil)
    }
}
