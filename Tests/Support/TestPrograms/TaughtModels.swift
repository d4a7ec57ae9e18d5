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
                "--detection-trials", "0",
                Program.fixture("parts/\(type)/train"),
            ])
            guard output.status == 0 else { throw TeachingFailed(description: output.standardError) }
        }
        return folder.path
    }

    package struct TeachingFailed: Error, CustomStringConvertible { package var description: String }

    private static let plain = Task { () throws -> String in
        let folder = FileManager.default.temporaryDirectory.appending(path: "scanward-model-\(UUID().uuidString)")
        let output = try await Program.run([
            "teach", "--type", "mug", "--steps", "0", "--out", folder.path, "--detection-trials", "0",
            Program.fixture("parts/mug/train"),
        ])
        guard output.status == 0 else { throw TeachingFailed(description: output.standardError) }
        return folder.path
    }

    /// A model with the backbone as it is, for tests of what has little to do with scoring: it takes a tenth of the time.
    package static func plainModel() async throws -> String { try await plain.value }

    /// The folder that holds them.
    package static func folder() async throws -> String { try await taught.value }
}
