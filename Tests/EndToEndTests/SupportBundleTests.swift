import Foundation
import TestPrograms
import Testing

/// What is in a support bundle, and what is not.
@Suite(.serialized) struct SupportBundleTests {
    @Test func itHasWhatHelpsAndNoSecret() async throws {
        let folder = try ScratchFolder("bundle")
        #expect(try await Program.run(["keys", "generate", folder.file("monitor.key")]).status == 0)
        let allow = ["keys", "allow", "monitor", folder.file("monitor.key"), "--allow-list", folder.file("list")]
        #expect(try await Program.run(allow).status == 0)
        let monitor = try await Program.run([
            "run", "--http", "none", "--capture", Program.fixture("captures/pubsub.pcap"), "--publish", "none",
            "--replay", "none",
            "--state", folder.file("state"), "--model", try await QuickModel.folder(), "--json",
        ])
        #expect(monitor.status == 0, "\(monitor.standardError)")
        let archive = folder.file("bundle.tar.gz")
        let output = try await Program.run([
            "support-bundle", "--out", archive, "--bind", "ipc://" + folder.file("in"), "--publish", "none",
            "--replay", "none", "--state", folder.file("state"), "--model", try await QuickModel.folder(),
            "--curve-secret", folder.file("monitor.key"), "--allow-list", folder.file("list"),
        ])
        #expect(output.status == 0, "\(output.standardError)")
        let listed = try await Program(["-tzf", archive], binary: URL(filePath: "/bin/tar")).finish()
        for name in [
            "versions.txt", "configuration.txt", "doctor.jsonl", "journal.txt", "verdicts.jsonl", "alerts.txt",
        ] {
            #expect(listed.standardOutput.contains("scanward-support/\(name)\n"), "\(name)")
            #expect(output.standardOutput.contains(name))
        }
        #expect(listed.standardOutput.contains("scanward-support/models/"))
        #expect(!listed.standardOutput.contains(".key") && !listed.standardOutput.contains(".ply"))

        let unpacked = try await Program(["-xzf", archive, "-C", folder.path], binary: URL(filePath: "/bin/tar"))
            .finish()
        #expect(unpacked.status == 0)
        let key = try String(contentsOfFile: folder.file("monitor.key"), encoding: .utf8)
        let secret = try #require(
            key.split(separator: "\n").first { $0.contains("secret-key") }?.split(separator: "\"")[1])
        let search = try await Program(
            ["-rF", "--", String(secret), folder.file("scanward-support")], binary: URL(filePath: "/bin/grep")
        ).finish()
        #expect(search.status == 1, "\(search.standardOutput)")
        let verdicts = try String(contentsOfFile: folder.file("scanward-support/verdicts.jsonl"), encoding: .utf8)
        #expect(verdicts.contains("\"verdict/1\""))

        let again = try await Program.run(["support-bundle", "--out", archive])
        #expect(again.status == 1)
        #expect(again.standardError.contains("exists"))
    }
}
