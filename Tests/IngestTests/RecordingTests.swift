import FrameProtocol
import Foundation
import Synchronization
import Testing
import Threads
import ZeroMQ

@testable import Ingest

@Suite(.timeLimit(.minutes(30))) struct RecordingTests {
    /// A folder that is removed with it.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appending(path: "recording-\(UUID().uuidString)").path
        deinit { try? FileManager.default.removeItem(atPath: path) }

        var files: [String] {
            get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted().map { path + "/" + $0 } }
        }

        /// Sum of the files' sizes.
        var bytes: Int {
            get throws {
                try files.reduce(0) {
                    try $0 + ((FileManager.default.attributesOfItem(atPath: $1)[.size] as? Int) ?? 0)
                }
            }
        }

        /// All messages of all files, in the files' order.
        func messages() throws -> [[[UInt8]]] {
            try files.flatMap { file in
                let frames = try CaptureFrames(path: file, limits: CaptureLimits())
                var messages: [[[UInt8]]] = []
                while let message = try frames.next() { messages.append(message.parts) }
                #expect(frames.truncation == nil && frames.statistics.total.gaps == 0)
                return messages
            }
        }
    }

    private let start: UInt64 = 1_700_000_000_000_000_000

    @Test func arraysAreRecordedAsFrames() throws {
        let folder = Folder()
        let context = try Context()
        let recorder = try FrameRecorder(
            context: context, mode: .bind("tcp://127.0.0.1:0"), options: .init(folder: folder.path),
            arrays: .init(source: "cam", unit: .millimeters, gap: .milliseconds(1)))
        let scanner = try Socket(.push, context: context, options: .frames)
        try scanner.connect(recorder.endpoint)
        #expect(
            try scanner.send([
                Array("{\"dtype\": \"float32\", \"shape\": [1, 3]}".utf8), [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64],
            ]))
        // The array, and its part's end.
        try recorder.run(messages: 2, unless: StopSignal())
        #expect(recorder.statistics.sources == ["cam": 2])
        let frames = try folder.messages().map { try FrameDecoder().decode(parts: $0) }
        #expect(frames.map(\.header.endOfPart) == [false, true] && frames.first?.points == [[1, 2, 3]])
    }

    @Test func whatIsRecordedIsReplayedByteForByte() throws {
        let folder = Folder()
        let context = try Context()
        let recorder = try FrameRecorder(
            context: context, mode: .bind("tcp://127.0.0.1:0"), options: RecordingOptions(folder: folder.path))
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(recorder.endpoint)
        // Frames of two sources, one of 1.6 MB, one with a fourth part, one that is damaged: all as they came.
        var sent: [[[UInt8]]] = []
        for number in 0..<6 {
            let made = frame(
                "p\(number / 2)", UInt32(number % 2), source: number % 3 == 0 ? "a" : "b",
                count: number == 4 ? 100_000 : 100)
            sent.append(try encoded(made))
        }
        sent[1].append(Array("extra".utf8))
        sent[2][2][0] ^= 1
        for message in sent { #expect(try push.send(message)) }
        try recorder.run(messages: 6, unless: StopSignal())
        let report = recorder.statistics
        #expect(report.messages == 6 && report.sources == ["a": 2, "b": 4] && report.files == 1)
        #expect(report.bytes == sent.joined().reduce(0) { $0 + $1.count })
        #expect(try folder.messages() == sent)

        let pull = try Socket(.pull, context: context, options: .frames)
        let replayer = CaptureReplayer(path: recorder.file, endpoint: try pull.bind("tcp://127.0.0.1:0"))
        #expect(try replayer.run(context: context).frames == 6)
        for message in sent { #expect(try pull.receive() == message) }
    }

    @Test func eachFileOfARotationIsReadableByItself() throws {
        let folder = Folder()
        var options = RecordingOptions(folder: folder.path)
        options.rotateBytes = 20_000
        let files = try RecordingFolder(options, startingAt: start)
        let sent = try (0..<40).map { try encoded(frame($0, source: "s\($0 % 3)", count: 200)) }
        for (number, message) in sent.enumerated() {
            try files.write(message, from: "s\(number % 3)", at: start + UInt64(number))
        }
        try files.finish()
        #expect(files.statistics.files > 3)
        #expect(try folder.files.count == files.statistics.files && folder.bytes == files.statistics.bytes)
        #expect(try folder.messages() == sent)
        for file in try folder.files {
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
            #expect((size ?? 0) <= 20_000)
        }
    }

    @Test func aFileEndsAtItsTime() throws {
        let folder = Folder()
        var options = RecordingOptions(folder: folder.path)
        options.rotateTime = .seconds(60)
        let clock = ManualClock(now: 77)
        let files = try RecordingFolder(options, startingAt: start, clock: clock)
        for second in 0..<4 {
            try files.write(try encoded(frame(UInt32(second))), from: "a", at: start)
            clock.advance(by: .seconds(30))
        }
        try files.finish()
        #expect(files.statistics.files == 2)
        #expect(try folder.messages().count == 4)
    }

    @Test func theOldestFilesMakeRoomAlsoThoseOfEarlierRunsAndNothingElseIsTouched() throws {
        let folder = Folder()
        var options = RecordingOptions(folder: folder.path)
        options.rotateBytes = 20_000
        options.limitBytes = 60_000
        let sent = try (0..<100).map { try encoded(frame($0, count: 200)) }
        for run in 0..<2 {
            let files = try RecordingFolder(options, startingAt: start + UInt64(run) * 5_000_000_000)
            if run == 0 { try Data(count: 100_000).write(to: URL(filePath: folder.path + "/scanward-notes.pcap")) }
            for message in sent {
                try files.write(message, from: "a", at: start)
                #expect(try folder.bytes - 100_000 <= 60_000)
            }
            try files.finish()
            #expect(files.statistics.removed > 0)
        }
        try FileManager.default.removeItem(atPath: folder.path + "/scanward-notes.pcap")
        let kept = try folder.messages()
        #expect(kept.count > 10 && kept == Array(sent.suffix(kept.count)), "the newest ones")
        options.limitBytes = 30_000
        let error = #expect(throws: RecordingError.self) { try RecordingFolder(options, startingAt: start) }
        #expect(error?.code == .limit)
    }

    @Test(arguments: [0, 1, 20, 3000, 9000]) func aFullDiskEndsAWholeRecording(room: Int) throws {
        let folder = Folder()
        let files = try RecordingFolder(
            RecordingOptions(folder: folder.path), startingAt: start, system: disk(room: room + 24 + 2 * 4000))
        let sent = try (0..<20).map { try encoded(frame($0, count: 200)) }
        var written = 0
        let error = #expect(throws: RecordingError.self) {
            for message in sent {
                try files.write(message, from: "a", at: start)
                written += 1
            }
        }
        #expect(error?.code == .full && error?.message.contains("No space left") ?? false)
        #expect(written >= 2 && written < 20)
        #expect(try folder.messages() == Array(sent.prefix(written)))
    }

    /// A disk with so many bytes left.
    private func disk(room: Int) -> RecordingSystem {
        let left = SharedNumber(room)
        var system = RecordingSystem()
        system.write = { end, bytes, count in
            let allowed = left.take(upTo: count)
            guard allowed > 0 else {
                errno = ENOSPC
                return -1
            }
            return write(end, bytes, allowed)
        }
        return system
    }

    /// Where not even a capture's header can be written, no file is left that is none.
    @Test(arguments: [0, 1, 23]) func withoutItsHeaderThereIsNoFile(room: Int) throws {
        let folder = Folder()
        let files = try RecordingFolder(
            RecordingOptions(folder: folder.path), startingAt: start, system: disk(room: room))
        let error = #expect(throws: RecordingError.self) {
            try files.write(try encoded(frame(0)), from: "a", at: start)
        }
        #expect(error?.code == .full && files.statistics.files == 0)
        #expect(try folder.files.isEmpty)
    }

    /// What the system could not bring to the disk is said, and by the process too.
    @Test func aFileThatIsNotOnTheDiskIsSaid() throws {
        let folder = Folder()
        var options = RecordingOptions(folder: folder.path)
        options.rotateBytes = 6000
        var system = RecordingSystem()
        system.synchronize = { _ in EIO }
        let files = try RecordingFolder(options, startingAt: start, system: system)
        let sent = try (0..<2).map { try encoded(frame($0, count: 400)) }
        try files.write(sent[0], from: "a", at: start)
        let rotating = #expect(throws: RecordingError.self) { try files.write(sent[1], from: "a", at: start) }
        #expect(rotating?.code == .notWritable && rotating?.message.contains("may not be on the disk") ?? false)
        let single = try RecordingFolder(RecordingOptions(folder: folder.path), startingAt: start, system: system)
        try single.write(sent[1], from: "a", at: start)
        #expect(throws: RecordingError.self) { try single.finish() }
        // Asked once: nothing is left to finish.
        try single.finish()
        #expect(try folder.messages() == sent)
    }

    /// The limit is kept or the recording ends, but it is not passed in silence.
    @Test func whatCannotBeRemovedIsSaid() throws {
        let folder = Folder()
        var options = RecordingOptions(folder: folder.path)
        options.rotateBytes = 20_000
        options.limitBytes = 60_000
        var system = RecordingSystem()
        system.remove = { _ in EACCES }
        let files = try RecordingFolder(options, startingAt: start, system: system)
        let message = try encoded(frame(0, count: 200))
        let error = #expect(throws: RecordingError.self) {
            for _ in 0..<100 { try files.write(message, from: "a", at: start) }
        }
        #expect(error?.code == .notWritable && error?.message.contains("000001.pcap cannot be removed") ?? false)
        try files.finish()
        #expect(try folder.bytes <= 60_000 && files.statistics.removed == 0)
        // One that somebody else removed makes room as well.
        system.remove = { _ in ENOENT }
        let others = try RecordingFolder(options, startingAt: start + 5_000_000_000, system: system)
        for _ in 0..<100 { try others.write(message, from: "a", at: start) }
        #expect(others.statistics.removed == 0)
    }

    /// Runs one after another, two of them within one second: one reader reads them all.
    @Test func allRunsOfAFolderAreRead() throws {
        let folder = Folder()
        var options = RecordingOptions(folder: folder.path)
        options.rotateBytes = 20_000
        let sent = try (0..<60).map { try encoded(frame($0, source: "s\($0 % 3)", count: 200)) }
        for (run, offset) in ([0, 300_000_000, 7_000_000_000, 3600_000_000_000] as [UInt64]).enumerated() {
            let files = try RecordingFolder(options, startingAt: start + offset)
            for number in (run * 15)..<((run + 1) * 15) {
                try files.write(sent[number], from: "s\(number % 3)", at: start + offset + UInt64(number) * 1000)
            }
            try files.finish()
            #expect(files.statistics.files > 1)
        }
        let frames = try CaptureFrames(path: folder.path, limits: CaptureLimits())
        var found: [[[UInt8]]] = []
        while let message = try frames.next() { found.append(message.parts) }
        #expect(found == sent)
        #expect(frames.statistics.lossCount == 0 && frames.statistics.repeatedBytes == 0 && frames.notes.isEmpty)
        let source = try CaptureFrameSource(path: folder.path)
        var accepted = 0
        while let event = source.next(deadline: nil).element {
            if case .frame = event.content { accepted += 1 }
        }
        #expect(accepted == 60 && source.failure == nil)
    }

    @Test func timesGoOnWhenTheWallClockJumps() throws {
        let folder = Folder()
        let context = try Context()
        let wall = JumpingWallClock(start)
        let recorder = try FrameRecorder(
            context: context, mode: .bind("tcp://127.0.0.1:0"), options: RecordingOptions(folder: folder.path),
            wallClock: wall)
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(recorder.endpoint)
        for index in 0..<4 { #expect(try push.send(encoded(frame(UInt32(index))))) }
        try recorder.run(messages: 4, unless: StopSignal())
        let frames = try CaptureFrames(path: recorder.file, limits: CaptureLimits())
        var last = Int64(start)
        while let message = try frames.next() {
            #expect(message.timestampNanoseconds >= last && message.timestampNanoseconds < last + 600_000_000_000)
            last = message.timestampNanoseconds
        }
    }
}

/// A number that runs out.
private final class SharedNumber: Sendable {
    private let left: Mutex<Int>

    init(_ left: Int) { self.left = Mutex(left) }

    func take(upTo count: Int) -> Int {
        left.withLock { left in
            defer { left -= min(left, count) }
            return min(left, count)
        }
    }
}

/// A wall clock that an operator sets an hour back and forth each time that it is looked at.
final class JumpingWallClock: WallClock {
    private let state: Mutex<(now: UInt64, looks: Int)>

    init(_ start: UInt64) { state = Mutex((start, 0)) }

    var unixNanoseconds: UInt64 {
        state.withLock { state in
            state.looks += 1
            let hour: UInt64 = 3_600_000_000_000
            return state.looks % 3 == 1 ? state.now : state.looks % 3 == 2 ? state.now - hour : state.now + hour
        }
    }
}
