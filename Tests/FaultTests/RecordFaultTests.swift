import FrameProtocol
import Foundation
import Glibc
import TestPrograms
import Testing
import Threads
import ZeroMQ

@testable import Ingest

/// A recording that is killed, and one on a disk that is full.
@Suite(Faults.timeLimit) struct RecordFaultTests {
    @Test func whatWasWrittenIsReadableAfterKill() async throws {
        let rounds = Faults.length(2, full: 20)
        var read = 0
        for round in 0..<rounds {
            let folder = try Faults.temporaryFolder()
            defer { try? FileManager.default.removeItem(at: folder) }
            let recorder = try Program(["record", folder.path, "--bind", "tcp://127.0.0.1:0"])
            let endpoint = try #require(await recorder.line(beginning: "frames from ", onOutput: true))
            let stop = StopSignal()
            let sender = JoinableThread(name: "sender") { Self.send(to: endpoint, until: stop) }
            // Killed somewhere within the writing of frames of 1.2 MB, once a few are there.
            var found = 0
            while !Task.isCancelled, found < 3 { found = try messages(in: folder).count }
            usleep(useconds_t(round * 1777))
            kill(recorder.processIdentifier, SIGKILL)
            _ = await recorder.finish()
            stop.raise()
            sender.join()
            let kept = try messages(in: folder)
            #expect(kept.count >= found)
            var frames = TestFrames()
            for message in kept {
                let sent = try frames.frame(of: "p\(frames.seq)", 0, end: true, points: 100_000)
                #expect(message == sent)
            }
            read += kept.count
        }
        print("record: killed \(rounds) times, \(read) frames read back byte for byte")
    }

    @Test(
        .enabled(
            if: Faults.canRun("unshare", "-m", "true"),
            "needs root: a small tmpfs cannot be mounted here"))
    func aFullDiskIsToldAndLeavesAWholeRecording() async throws {
        let folder = try Faults.temporaryFolder()
        #expect(try Faults.run(["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", folder.path]))
        defer {
            _ = Faults.canRun("umount", folder.path)
            try? FileManager.default.removeItem(at: folder)
        }
        let recorder = try Program(["record", folder.path, "--bind", "tcp://127.0.0.1:0"])
        let endpoint = try #require(await recorder.line(beginning: "frames from ", onOutput: true))
        let stop = StopSignal()
        let sender = JoinableThread(name: "sender") { Self.send(to: endpoint, until: stop) }
        let output = await recorder.finish()
        stop.raise()
        sender.join()
        #expect(output.status == 1)
        #expect(output.standardError.contains("No space left on device; the recording ends here and is whole"))
        let kept = try messages(in: folder)
        #expect(kept.count == 4 && output.standardOutput.contains("recorded 4 messages"))
    }

    private func messages(in folder: URL) throws -> [[[UInt8]]] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().flatMap { name -> [[[UInt8]]] in
            guard let frames = try? CaptureFrames(path: folder.appending(path: name).path, limits: CaptureLimits())
            else {
                return []
            }
            var messages: [[[UInt8]]] = []
            while let message = try frames.next() { messages.append(message.parts) }
            return messages
        }
    }

    private static func send(to endpoint: String, until stop: StopSignal) {
        do {
            let context = try Context()
            var options = SocketOptions.frames
            options.linger = .zero
            let socket = try Socket(.push, context: context, options: options)
            try socket.connect(endpoint)
            var frames = TestFrames()
            while try socket.send(
                frames.frame(of: "p\(frames.seq)", 0, end: true, points: 100_000), unless: stop)
            {}
            socket.close()
        } catch {
            Issue.record(error)
        }
    }
}
