import CThreadWedge
import Foundation
import TestPrograms
import Testing
import Threads

/// The service manager's view of `scanward run`: told what happens, and fed for as long as every thread that a verdict passes
/// through moves. A wedged thread is planted by holding it as a debugger would.
@Suite(.serialized, Faults.timeLimit) struct WatchdogTests {
    private static let isBeat: @Sendable (String) -> Bool = { $0 == "WATCHDOG=1" }

    @Test func aWedgedThreadStopsTheBeatAndNothingElseDoes() async throws {
        let folder = try ScratchFolder("watchdog")
        let manager = try NotifyListener(folder.file("notify"))
        let interval = Duration.seconds(2)
        let monitor = try await RunningMonitor.start(
            in: folder, models: try await QuickModel.folder(),
            environment: [
                "NOTIFY_SOCKET": folder.file("notify"), "WATCHDOG_USEC": "\(interval.components.seconds * 1_000_000)",
            ])
        let load = PartLoad(to: monitor.input, rate: 20)
        _ = await manager.message(where: Self.isBeat)
        // Its threads run once a part was judged.
        _ = try #require(await monitor.program.outputLine { $0.hasPrefix("{") })
        #expect(manager.messages.first?.hasPrefix("READY=1\nSTATUS=") ?? false)

        for name in ["frames", "assembler", "scorer", "journal", "verdicts"] {
            let thread = try #require(Self.thread(name, of: monitor.program), "no thread \(name)")
            let release = StopSignal(), outcome = Monitor<[Int32]>([])
            let start = manager.messages.count
            let holder = JoinableThread(name: "holder") {
                let wedged = wedge_thread(thread)
                outcome.withLock { $0.append(wedged) }
                _ = release.wait(until: nil)
                let released = release_thread(thread)
                outcome.withLock { $0.append(released) }
            }
            _ = await manager.message(from: start) { $0.contains("standing still: ") && $0.contains(name) }
            // As long as the manager would wait before it starts the service anew.
            let told = manager.messages.count
            _ = SystemClock().wait(until: SystemClock().after(interval), unless: release)
            #expect(
                !manager.messages.dropFirst(told).contains(where: Self.isBeat),
                "\(name) stands, and yet there is a beat")
            let released = manager.messages.count
            release.raise()
            holder.join()
            #expect(outcome.withLock { $0 } == [0, 0], "\(name)")
            _ = await manager.message(from: released, where: Self.isBeat)
        }

        let beforeReload = manager.messages.count
        monitor.program.signal(SIGHUP)
        _ = await manager.message(from: beforeReload) { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }
        let done = await manager.message(from: beforeReload) { $0.hasPrefix("READY=1\nSTATUS=") }
        #expect(done?.contains(" parts: ") ?? false)
        load.pause()
        #expect(monitor.waitForStored(load.count))
        load.stop()
        monitor.program.terminate()
        let output = await monitor.program.finish()
        #expect(output.status == 0, "\(output.standardError)")
        #expect(manager.messages.contains("STOPPING=1"))
        #expect(output.standardError.contains("the watchdog is not fed: scorer did not move"))
        #expect(output.standardError.contains("the watchdog is fed again"))
    }

    /// The id of a thread, by the name that it gave itself.
    private static func thread(_ name: String, of program: Program) -> Int32? {
        let tasks = "/proc/\(program.processIdentifier)/task"
        return (try? FileManager.default.contentsOfDirectory(atPath: tasks))?.first { task in
            (try? String(contentsOfFile: "\(tasks)/\(task)/comm", encoding: .utf8)) == name + "\n"
        }.flatMap { Int32($0) }
    }
}
