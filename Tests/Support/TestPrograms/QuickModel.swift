import Foundation

/// A model of the mug, taught without fine-tuning: it scores as any other, and is made in seconds. For tests of what
/// surrounds the scoring.
package enum QuickModel {
    private static let taught = Task { try await teach(seed: 1) }

    /// The model's folder, made once for all tests.
    package static func folder() async throws -> String { try await taught.value }

    /// Teaches one more, of other bytes for another seed.
    package static func teach(seed: Int) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "scanward-quick-\(UUID().uuidString)")
        let output = try await Program.run([
            "teach", "--type", "mug", "--out", folder.path, "--steps", "0", "--detection-trials", "0", "--seed",
            "\(seed)", Program.fixture("parts/mug/train"),
        ])
        guard output.status == 0 else { throw TeachingFailed(description: output.standardError) }
        return folder.path
    }

    struct TeachingFailed: Error, CustomStringConvertible { var description: String }
}
