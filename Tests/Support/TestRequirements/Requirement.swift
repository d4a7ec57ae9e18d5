import Foundation

/// What a test needs of the machine. Without it the test is skipped with its reason, and under `SCANWARD_REQUIRE_TOOLS`, as CI
/// sets it, fails: no suite is missing there unnoticed. Of what packages give; rights (root, mounts, namespaces), which some
/// containers refuse, are asked for without it.
package enum Requirement {
    package struct Missing: Error, CustomStringConvertible {
        package let description: String
    }

    /// For `.enabled`: whether `condition` holds.
    ///
    /// - Parameter need: what is needed, and where it is had.
    /// - Throws: `Missing` where it does not hold and must.
    package static func isMet(_ need: String, _ condition: () async throws -> Bool) async throws -> Bool {
        try await judge(need, condition())
    }

    /// The same for what is known at once.
    package static func isMet(_ need: String, _ condition: Bool) throws -> Bool { try judge(need, condition) }

    private static func judge(_ need: String, _ isMet: Bool) throws -> Bool {
        let variable = ProcessInfo.processInfo.environment["SCANWARD_REQUIRE_TOOLS"] ?? ""
        guard isMet || variable.isEmpty || variable == "0" else {
            throw Missing(
                description:
                    "SCANWARD_REQUIRE_TOOLS is set, and this test \(need); `make test-packages` installs Debian's")
        }
        return isMet
    }
}
