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

    private static let quick = Task { () throws -> String in
        // Whoever runs these tests again and again may keep the model.
        if let kept = ProcessInfo.processInfo.environment["SCANWARD_TEST_MODELS"] { return kept }
        let folder = FileManager.default.temporaryDirectory.appending(path: "scanward-untuned-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let output = try await Program.run([
            "teach", "--type", "mug", "--steps", "0", "--detection-trials", "0", "--out",
            folder.appending(path: "mug").path,
            Program.fixture("parts/mug/train"),
        ])
        guard output.status == 0 else { throw TeachingFailed(description: output.standardError) }
        return folder.path
    }

    /// A folder with a model of mugs that was not fine-tuned: for tests in which parts must be judged, but not well.
    package static func untuned() async throws -> String { try await quick.value }

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
