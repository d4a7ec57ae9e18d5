import Foundation
import Journal
import TestPrograms
import TestRequirements
import Testing
import Threads

extension JournalFaults {
    /// Row 4: a small file system that is filled, and freed again.
    @Suite struct DiskFullTests {
        /// A file system of its own in memory, unmounted when nobody holds it.
        private final class SmallDisk {
            let folder: ScratchFolder
            init?(megabytes: Int) async throws {
                folder = try ScratchFolder("disk")
                guard geteuid() == 0 else { return nil }
                let mount = try Program(
                    ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", folder.path],
                    binary: URL(filePath: "/bin/mount"))
                guard await mount.finish().status == 0 else { return nil }
            }
            deinit { umount2(folder.path, Int32(MNT_DETACH)) }
        }

        static func canMount() async -> Bool { (try? await SmallDisk(megabytes: 1)) != nil }

        @Test(
            .enabled("needs root, to mount a small tmpfs") { await canMount() })
        func aFullDiskHoldsVerdictsBackAndNothingIsLost() async throws {
            let disk = try #require(try await SmallDisk(megabytes: 24))
            let folder = try ScratchFolder("full")
            let monitor = try await RunningMonitor.start(
                in: folder, models: try await QuickModel.folder(), state: disk.folder.path)
            let listener = Listener(to: monitor.live)
            let load = PartLoad(
                to: monitor.input, rate: 300, frames: 1, user: #"{"filler":"\#(String(repeating: "x", count: 4000))"}"#)
            try #require(listener.waitForVerdicts(100))
            let before = monitor.resources.memory

            let filledAt = SystemClock().now
            try fill(disk.folder)
            let notReady = await monitor.program.line(beginning: "scanward: not ready: ")
            let alertAfter = seconds(since: filledAt)
            #expect(notReady?.contains("full") ?? false || notReady?.contains("free") ?? false, "\(notReady ?? "")")
            #expect(Faults.isKept(alertAfter < 1))
            // The scanner is held back: parts stop being taken, and memory stays.
            try #require(await heldBack(load))
            let storedWhileFull = try head(disk.folder)
            let heardWhileFull = listener.verdicts.map(\.seq).max() ?? 0
            #expect(heardWhileFull <= storedWhileFull)
            let grown = monitor.resources.memory - before
            #expect(grown < 50 << 20)

            try FileManager.default.removeItem(atPath: disk.folder.file("filler"))
            let freedAt = SystemClock().now
            _ = try #require(await monitor.program.line(beginning: "scanward: ready again"))
            let heard = listener.verdicts.count
            try #require(listener.waitForVerdicts(heard + 50))
            let resumedAfter = seconds(since: freedAt)
            #expect(Faults.isKept(resumedAfter < 5))

            // Full again: it still ends when it is told to, and what it held back has its verdict after the next start.
            try fill(disk.folder)
            try #require(await heldBack(load))
            monitor.program.terminate()
            let output = await monitor.program.finish()
            load.stop()
            #expect(output.status == 0, "\(output.standardError.suffix(2000))")
            #expect(output.standardError.contains("withheld"))
            try FileManager.default.removeItem(atPath: disk.folder.file("filler"))
            let last = try await RunningMonitor.start(
                in: folder, models: try await QuickModel.folder(), state: disk.folder.path)
            last.program.terminate()
            #expect(await last.program.finish().status == 0)
            listener.stop()
            let check = try JournalCheck.run(folder: StateFolder(disk.folder.path))
            #expect(check.problems == [] && check.openParts == [])
            try requireStored(listener.verdicts, in: StateFolder(disk.folder.path))
            Faults.report(
                row: 4,
                "disk filled: alert after \(decimal(alertAfter)) s, memory grew by \(grown >> 20) MB, going on "
                    + "\(decimal(resumedAfter)) s after there was room, \(listener.verdicts.count) verdicts heard, all stored"
            )
        }

        private func fill(_ folder: ScratchFolder) throws {
            let descriptor = open(folder.file("filler"), O_WRONLY | O_CREAT, 0o644)
            defer { close(descriptor) }
            let block = [UInt8](repeating: 1, count: 4096)
            while write(descriptor, block, block.count) > 0 {}
        }

        /// Whether the load stands still: the same count over a second.
        private func heldBack(_ load: PartLoad) async -> Bool {
            let deadline = SystemClock().after(.seconds(30))
            while SystemClock().now < deadline {
                let count = load.count
                _ = SystemClock().wait(until: SystemClock().after(.seconds(1)), unless: StopSignal())
                if load.count == count { return true }
            }
            return false
        }

        private func head(_ folder: ScratchFolder) throws -> UInt64 {
            try JournalReader(opening: StateFolder(folder.path).database).extent().head
        }
    }
}

func seconds(since instant: UInt64) -> Double { Double(SystemClock().now - instant) / 1e9 }

/// Everything heard is in the journal as it was heard.
func requireStored(_ heard: [Listener.Heard], in folder: StateFolder) throws {
    var stored: [UInt64: [UInt8]] = [:]
    var salvage = JournalSalvage(try JournalReader(opening: folder.database))
    try salvage.forEach { stored[$0.seq] = $0.json }
    #expect(salvage.lost.isEmpty)
    let missing = heard.filter { stored[$0.seq] != $0.json }
    #expect(missing.isEmpty, "\(missing.count) of \(heard.count) verdicts heard are not stored as heard")
    #expect(stored.keys.sorted() == (stored.keys.min()!...stored.keys.max()!).map { $0 })
}

extension JournalFaults {
    /// Row 5: an fsync that fails, below SQLite in the running program.
    @Suite struct FsyncErrorTests {
        /// Puts itself between the program and the C library: once a file is there, one fsync of the journal fails; every
        /// later one is counted, and said to have succeeded, as Linux does.
        private static let source = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <unistd.h>
            static int failed;
            static int disturbed(int descriptor) {
                char link[64], path[4096];
                snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
                ssize_t count = readlink(link, path, sizeof path - 1);
                if (count < 0) return 0;
                path[count] = 0;
                if (!strstr(path, "journal.sqlite")) return 0;
                const char *trigger = getenv("FAULT_TRIGGER"), *log = getenv("FAULT_LOG");
                if (!trigger || !log || access(trigger, F_OK) != 0) return 0;
                int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
                const char *word = failed ? "after\\n" : "failed\\n";
                if (out >= 0) { (void)!write(out, word, strlen(word)); close(out); }
                if (failed) return 0;
                failed = 1;
                errno = EIO;
                return 1;
            }
            int fdatasync(int descriptor) {
                static int (*real)(int);
                if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
                return disturbed(descriptor) ? -1 : real(descriptor);
            }
            int fsync(int descriptor) {
                static int (*real)(int);
                if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
                return disturbed(descriptor) ? -1 : real(descriptor);
            }
            """

        private static let compiler = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }

        @Test(
            .enabled(
                if: try Requirement.isMet("needs a C compiler", compiler != nil),
                "needs a C compiler, to build what makes fsync fail"))
        func theVerdictIsWithheldAndTheProcessEnds() async throws {
            let folder = try ScratchFolder("fsync")
            try Data(Self.source.utf8).write(to: folder.url.appending(path: "fsync.c"))
            let compiling = try Program(
                ["-shared", "-fPIC", "-o", folder.file("fsync.so"), folder.file("fsync.c"), "-ldl"],
                binary: URL(filePath: try #require(Self.compiler)))
            try #require(await compiling.finish().status == 0)
            let models = try await QuickModel.folder()
            let listener = Listener(to: RunningMonitor.live(folder))
            let load = PartLoad(to: RunningMonitor.input(folder), rate: 200, frames: 1)
            let runs = Faults.length(3, full: 20)
            for run in 0..<runs {
                let trigger = folder.file("trigger-\(run)"), log = folder.file("log-\(run)")
                let monitor = try await RunningMonitor.start(
                    in: folder, models: models,
                    environment: [
                        "LD_PRELOAD": folder.file("fsync.so"), "FAULT_TRIGGER": trigger, "FAULT_LOG": log,
                    ])
                let heard = listener.verdicts.count
                try #require(listener.waitForVerdicts(heard + 20 * (run + 1)))
                #expect(FileManager.default.createFile(atPath: trigger, contents: nil))
                let output = await monitor.program.finish()
                #expect(output.status == 1, "\(output.standardError)")
                #expect(output.standardError.contains("cannot store verdicts any more"))
                #expect(
                    try String(contentsOfFile: log, encoding: .utf8) == "failed\n", "an fsync after the one that failed"
                )
            }
            load.stop()
            let last = try await RunningMonitor.start(in: folder, models: models)
            last.program.terminate()
            #expect(await last.program.finish().status == 0)
            listener.stop()
            try requireStored(listener.verdicts, in: last.stateFolder)
            Faults.report(
                row: 5,
                "fsync failed in \(runs) runs: each ended with 1, without another fsync; \(listener.verdicts.count) "
                    + "verdicts heard, all stored")
        }
    }
}
