import Foundation
import Testing

/// The seeds of the fuzz targets, and every input that libFuzzer found worth keeping (tools/fuzzing/run.sh): what each
/// decoder is held to.
@Suite struct DecoderCorpusTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    private static let seeds = tests.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "tools/fuzzing/seeds")

    @Test(arguments: DecoderProperty.allCases)
    func holdsOverTheCorpus(_ decoder: DecoderProperty) throws {
        var files = try Self.files(in: Self.seeds.appending(path: decoder.rawValue))
        #expect(!files.isEmpty)
        // One whose seeds reach all of it has no corpus beside them.
        let corpus = Self.tests.appending(path: "Fixtures/corpus/\(decoder.rawValue)")
        if FileManager.default.fileExists(atPath: corpus.path) { files += try Self.files(in: corpus) }
        for file in files {
            let violation = decoder.violation([UInt8](try Data(contentsOf: file)))
            #expect(violation == nil, "\(decoder.rawValue)/\(file.lastPathComponent)")
        }
    }

    private static func files(in folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }
}
