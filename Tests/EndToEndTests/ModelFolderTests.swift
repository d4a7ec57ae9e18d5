import Foundation
import TestPrograms
import Testing
import Threads

@testable import scanward

/// How a model comes to its place on the disk: whole at every moment, and of use to whom the folder around it belongs to.
@Suite(.timeLimit(.minutes(30))) struct ModelFolderTests {
    /// A catalogue with a model of its own.
    private func catalogue() async throws -> (folder: ScratchFolder, model: URL) {
        let folder = try ScratchFolder("place")
        let models = folder.url.appending(path: "models")
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        let model = models.appending(path: "mug")
        try FileManager.default.copyItem(atPath: try await QuickModel.folder(), toPath: model.path)
        return (folder, model)
    }

    @Test func aReaderFindsAWholeModelAtEveryMoment() async throws {
        let (_, model) = try await catalogue()
        let stop = StopSignal(), failures = Monitor<[String]>([]), reads = Monitor(0)
        let reader = JoinableThread(name: "reader") {
            while !stop.isRaised {
                do {
                    _ = try ModelFolder(reading: model)
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
                reads.withLock { $0 += 1 }
            }
        }
        var ids: Set<String> = []
        while ids.count < 10 || reads.withLock({ $0 }) < 3 {
            ids.insert(try ThresholdSetting(value: 5 + Double(ids.count)).apply(to: model).id)
        }
        stop.raise()
        reader.join()
        #expect(failures.withLock { $0 }.isEmpty)
        #expect(ids.contains(try ModelFolder(reading: model).id))
        let left = try FileManager.default.contentsOfDirectory(atPath: model.deletingLastPathComponent().path)
        #expect(left == ["mug"])
    }

    /// Whatever ends it between two steps leaves the one or the other.
    @Test func thePlaceIsNeverEmpty() throws {
        let folder = try ScratchFolder("place")
        let place = folder.file("it"), content = place + "/text"
        var steps = 0
        for text in ["old", "new"] {
            let writer = try FolderWriter(making: folder.file(".\(text)"))
            try writer.write(Array(text.utf8), to: "text")
            try writer.take(place) {
                steps += 1
                let there = try? String(contentsOfFile: content, encoding: .utf8)
                #expect(there == (text == "old" ? nil : "old"))
            }
            #expect(try String(contentsOfFile: content, encoding: .utf8) == text)
        }
        #expect(steps == 2, "on a file system that exchanges there is one step each")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["it"])
    }

    /// A file system that cannot exchange two names: in two steps, and never with the one lost.
    @Test(arguments: [EINVAL, ENOSYS, EOPNOTSUPP, EPERM])
    func withoutAnExchangeItTakesTwoSteps(error: Int32) throws {
        let folder = try ScratchFolder("place")
        let place = folder.file("it")
        func take(_ text: String, step: () -> Void = {}) throws {
            let writer = try FolderWriter(making: folder.file(".\(text)"))
            try writer.write(Array(text.utf8), to: "text")
            try writer.take(place, step: step, exchange: { _, _ in error })
        }
        func there() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
        func content() -> String? { try? String(contentsOfFile: place + "/text", encoding: .utf8) }
        try take("old")
        var seen: [[String]] = []
        try take("new") { seen.append((try? there()) ?? []) }
        #expect(seen == [[".new", "it"], [".new", ".new.old"]])
        #expect(try content() == "new" && there() == ["it"])
        // The second step fails, as somebody took the new one away: the old one has its place again.
        var steps = 0
        #expect(throws: SystemFailure.self) {
            try take("third") {
                steps += 1
                if steps == 2 { try? FileManager.default.removeItem(atPath: folder.file(".third")) }
            }
        }
        #expect(try content() == "new" && there() == ["it"])
    }

    @Test func anotherFailureOfTheExchangeTakesNothing() throws {
        let folder = try ScratchFolder("place")
        let place = folder.file("it")
        try FolderWriter(making: folder.file(".old")).take(place)
        let failure = #expect(throws: SystemFailure.self) {
            try FolderWriter(making: folder.file(".new")).take(place, exchange: { _, _ in EIO })
        }
        #expect(failure?.code == EIO)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [".new", "it"])
    }

    /// As the package has it: the service's user owns its models, and root works in them, whatever its umask.
    @Test(.enabled(if: geteuid() == 0, "needs root, to work for another user"))
    func whatRootWritesIsTheService() async throws {
        let (folder, model) = try await catalogue()
        let models = model.deletingLastPathComponent().path
        #expect(chmod(models, 0o750) == 0 && chown(models, 64_000, 64_001) == 0)
        func run(_ arguments: [String]) async throws {
            let output = try await Program(
                arguments, startedBy: ["/bin/sh", "-c", "umask 077; exec \"$@\"", "sh"]
            ).finish()
            #expect(output.status == 0, "\(output.standardError)")
        }
        func check(_ path: String, _ mode: mode_t) {
            var status = stat()
            #expect(lstat(path, &status) == 0, "\(path)")
            #expect(status.st_uid == 64_000 && status.st_gid == 64_001, "\(path)")
            if status.st_mode & S_IFMT != S_IFLNK { #expect(status.st_mode & 0o7777 == mode, "\(path)") }
        }
        try await run(["threshold", "set", model.path, "5", "--reason", "test"])
        check(model.path, 0o750)
        for name in try FileManager.default.contentsOfDirectory(atPath: model.path) {
            check(model.path + "/" + name, 0o640)
        }
        try await run([
            "models", "promote", try await QuickModel.folder(), "--models", models, "--reason", "as it was taught",
        ])
        for (name, mode) in [("versions", 0o750), ("history.jsonl", 0o640), ("current", 0)] as [(String, mode_t)] {
            check(model.path + "/" + name, mode)
        }
        let versions = try FileManager.default.contentsOfDirectory(atPath: model.path + "/versions")
        #expect(versions.count == 2)
        for version in versions {
            check(model.path + "/versions/" + version, 0o750)
            check(model.path + "/versions/\(version)/manifest.json", 0o640)
        }
        withExtendedLifetime(folder) {}
    }
}
