import Foundation
import TestPrograms
import Testing

@testable import scanward

/// Who may not enter a folder is told so, and not that nothing is there.
@Suite struct FolderAccessTests {
    /// A user who may enter all but `closed`, which is as a folder of mode 0700 of another user.
    private func user(closedOutOf closed: String) -> FolderAccess.Question {
        { path, mode in
            // The kernel goes where links lead.
            let place = URL(filePath: path).resolvingSymlinksInPath().path
            if place.hasPrefix(closed + "/") || place == closed && mode != F_OK { return EACCES }
            return FolderAccess.system(path, mode)
        }
    }

    @Test func theFolderOnTheWayIsNamed() throws {
        // As of an installed service: /var/lib/scanward is a link into /var/lib/private, where only root goes.
        let scratch = try ScratchFolder("closed")
        let files = FileManager.default, root = scratch.url.resolvingSymlinksInPath().path
        try files.createDirectory(atPath: root + "/private/scanward/state", withIntermediateDirectories: true)
        try files.createSymbolicLink(atPath: root + "/scanward", withDestinationPath: "private/scanward")
        let asked = user(closedOutOf: root + "/private")
        let state = root + "/scanward/state"
        let refusal = try #require(FolderAccess.refusal(state, asking: asked))
        #expect(refusal.hasPrefix("\(root)/private, on the way to \(state), is closed to this user ("))
        #expect(refusal.hasSuffix("run this as root (`sudo scanward ...`), as the service's user, or as one that may"))
        let itself = try #require(
            FolderAccess.refusal(state, asking: user(closedOutOf: root + "/private/scanward/state")))
        #expect(
            itself.hasPrefix("\(state) is closed to this user") || itself.hasPrefix("\(root)/private/scanward/state"))
        // What is open, and what is not there, is for others to speak of.
        #expect(FolderAccess.refusal(state) == nil)
        #expect(FolderAccess.refusal(root + "/nothing/there", asking: asked) == nil)
        try Data().write(to: URL(filePath: root + "/private/file"))
        #expect(FolderAccess.refusal(root + "/private/file") == nil, "a file need not be entered")
    }

    /// As another user would: the folder is root's alone.
    @Test(.enabled(if: geteuid() == 0, "needs root, to be another user"))
    func commandsSaySo() async throws {
        let scratch = try ScratchFolder("closed")
        // Whoever may not come to the program cannot run it; a copy lies where all may.
        let program = scratch.file("scanward"), closed = scratch.file("closed")
        let files = FileManager.default
        // By a process of its own: a descriptor that is written to here might be in another child that is started meanwhile.
        let copied = try await Program([Program.binary.path, program], binary: URL(filePath: "/bin/cp")).finish()
        #expect(copied.status == 0, "\(copied.standardError)")
        try files.createDirectory(atPath: closed + "/state", withIntermediateDirectories: true)
        for (path, mode) in [(scratch.path, 0o755), (program, 0o755), (closed, 0o700)] {
            try files.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        for command in [
            ["why", "p1", "--state", closed + "/state"], ["journal", "check", closed + "/state"],
            ["journal", "export", closed + "/state"], ["models", "list", "--models", closed + "/models"],
            ["reload", "--state", closed + "/state"], ["config", "show", closed + "/scanward.yaml"],
            ["doctor", "--no-self-test", "--listen", "0", "--state", closed + "/state", "--model", closed + "/models"],
        ] {
            let output = try await Program(
                ["--reuid=64000", "--regid=64000", "--clear-groups", program] + command,
                binary: URL(filePath: "/usr/bin/setpriv")
            ).finish()
            let said = output.standardOutput + output.standardError
            #expect(output.status != 0 && said.contains("\(closed), on the way to \(closed)/"), "\(command): \(said)")
            #expect(
                said.contains("is closed to this user (uid 64000); it is root's: run this as root"),
                "\(command): \(said)")
        }
    }
}
