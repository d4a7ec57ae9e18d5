import Foundation
import TestPrograms
import TestRequirements
import Testing

/// The units, by systemd's own judgement, and by what differs between them. Whether they are sound where they are installed,
/// tools/deb/check.sh asks.
@Suite(.enabled(Comment(rawValue: Tools.need)) { try await Requirement.isMet(Tools.need, Tools.canAnalyze) })
struct UnitTests {
    private static let units = ["scanward.service", "scanward@.service"]

    private static func path(_ unit: String) -> String { Program.repository.appending(path: "systemd/\(unit)").path }

    /// The promise is 2.0; `--threshold` counts in tenths.
    @Test(arguments: units) func exposureIsAtMostTwo(unit: String) async throws {
        func judged(_ path: String) async throws -> Program.Output {
            try await Tools.run([
                "/usr/bin/env", "systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", path,
            ])
        }
        let output = try await judged(Self.path(unit))
        #expect(output.status == 0, "\(output.standardOutput)\(output.standardError)")
        print(output.standardOutput.split(separator: "\n").last ?? "")
        // The measure itself measures: with a line less the unit is over it.
        let folder = try ScratchFolder("unit")
        let text = try String(contentsOfFile: Self.path(unit), encoding: .utf8)
        try Data(text.replacing("SystemCallFilter", with: "#").replacing("CapabilityBoundingSet", with: "#").utf8)
            .write(
                to: URL(filePath: folder.file(unit)))
        #expect(try await judged(folder.file(unit)).status != 0)
    }

    /// What a line is allowed does not depend on how many there are.
    @Test func theInstanceDiffersInItsNamesAlone() throws {
        let texts = try Self.units.map {
            try String(contentsOfFile: Self.path($0), encoding: .utf8).split(separator: "\n").dropFirst().map(
                String.init)
        }
        let named = texts[1].map {
            $0.replacing("/etc/scanward/%i.yaml", with: "/etc/scanward/scanward.yaml").replacing(
                "scanward-%i", with: "scanward"
            )
            .replacing(" of line %i", with: "")
        }
        #expect(named == texts[0])
    }
}
