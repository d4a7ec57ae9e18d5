import Foundation
import Inspection
import PointCloudFiles
import PointClouds
import TestPrograms
import Testing

/// What was not taught, or not wholly seen, is never released.
@Suite struct NeverOKTests {
    /// Good parts of every other type.
    @Test(arguments: TaughtModels.types) func aPartOfAnotherType(type: String) async throws {
        let others = try Truth.read().parts.filter { $0.type != type && $0.evaluation == .ok }
        let files = TaughtModels.types.compactMap { other in others.first { $0.type == other } }.map {
            Program.fixture("parts/\($0.type)/test/\($0.id).pcd")
        }
        try #require(files.count == TaughtModels.types.count - 1)
        try await requireRefused(files, type)
    }

    /// The half of a good part on each side of its middle, along each axis.
    @Test(arguments: TaughtModels.types) func aHalfSeenPart(type: String) async throws {
        let good = try #require(try Truth.read().parts.first { $0.type == type && $0.evaluation == .ok })
        let path = Program.fixture("parts/\(type)/test/\(good.id).pcd")
        let points = try PointCloudFile.read([UInt8](Data(contentsOf: URL(filePath: path)))).points
        let middle = points.reduce(SIMD3<Float>.zero, +) / Float(points.count)
        let folder = try ScratchFolder("halves")
        var files: [String] = []
        for axis in 0..<3 {
            for side in [1, -1] as [Float] {
                let half = points.filter { ($0[axis] - middle[axis]) * side > 0 }
                let text = half.map { "\($0.x) \($0.y) \($0.z)" }.joined(separator: "\n")
                let file = folder.path + "/half-\(axis)\(side > 0 ? "+" : "-").xyz"
                try Data(text.utf8).write(to: URL(filePath: file))
                files.append(file)
            }
        }
        try await requireRefused(files, type)
    }

    private func requireRefused(_ files: [String], _ type: String) async throws {
        let output = try await Program.run(
            ["score", "--json", "--model", try await TaughtModels.folder() + "/" + type] + files)
        let verdicts = try Verdict.decode(lines: output.standardOutput)
        #expect(output.status == 2 && verdicts.count == files.count, "\(output.standardError)")
        for verdict in verdicts {
            #expect(
                verdict.evaluation == .notOK || verdict.evaluation == .notDecidable,
                "\(verdict.partID) against \(type): \(verdict.evaluation)")
        }
    }
}
