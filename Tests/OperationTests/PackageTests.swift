import Foundation
import TestPrograms
import Testing

/// The Debian package, made of the program that the other tests use, and everything that is done with one.
@Suite(
    .serialized,
    .enabled(Comment(rawValue: Tools.packageNeed)) { await Tools.canPackage() },
    .timeLimit(.minutes(30)))
struct PackageTests {
    private static func script(_ name: String) -> String {
        Program.repository.appending(path: "tools/deb/\(name)").path
    }

    @Test func itIsInstalledUsedUpgradedRemovedAndPurged() async throws {
        let built = try await Tools.run([Self.script("build.sh"), Program.binary.path, "-Zgzip", "-z1"])
        #expect(built.status == 0, "\(built.standardOutput)\(built.standardError)")
        let package = try #require(built.standardOutput.split(separator: "\n").last.map(String.init))
        let path = Program.repository.appending(path: package).path

        let checked = try await Tools.run([Self.script("check.sh"), path, try await QuickModel.folder()])
        #expect(checked.status == 0, "\(checked.standardOutput)\(checked.standardError)")
        print(checked.standardOutput)

        let lint = try await Tools.run(["/usr/bin/env", "lintian", "--allow-root", "--fail-on", "error", path])
        #expect(lint.status == 0, "\(lint.standardOutput)\(lint.standardError)")

        let fields = try await Tools.run(["/usr/bin/env", "dpkg-deb", "-f", path, "Depends"])
        for library in ["libzmq5", "libopenblas0", "libpcap0.8", "libnats3.4", "zlib1g", "libsqlite3-0", "libjs-three"]
        {
            #expect(fields.standardOutput.contains(library), "\(fields.standardOutput)")
        }
    }
}
