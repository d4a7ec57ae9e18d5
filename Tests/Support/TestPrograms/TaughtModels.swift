import Foundation

/// Models of the fixtures' three part types, taught once for all tests by `scanward teach`.
package enum TaughtModels {
    package static let types = ["bottle", "mug", "tap"]

    private static let taught = Task { () throws -> String in
        let folder = FileManager.default.temporaryDirectory.appending(path: "scanward-models-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for type in types {
            let output = try await Program.run([
                "teach", "--type", type, "--out", folder.appending(path: type).path,
                // Fine-tuned for a sixth of the usual steps: enough that the head moves, and minutes less.
                "--steps", "50", "--detection-trials", "0",
                Program.fixture("parts/\(type)/train"),
            ])
            guard output.status == 0 else { throw TeachingFailed(description: output.standardError) }
        }
        return folder.path
    }

    package struct TeachingFailed: Error, CustomStringConvertible { package var description: String }

    /// The folder that holds them.
    package static func folder() async throws -> String { try await taught.value }
}
