import Foundation
import Testing

/// Every input that libFuzzer found worth keeping (tools/fuzzing/run.sh), and what each reader is held to.
@Suite struct CorpusTests {
    @Test(arguments: ReaderProperty.allCases)
    func holdsOverTheCorpus(_ reader: ReaderProperty) throws {
        let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/corpus/\(reader.rawValue)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count > 10)
        for file in files {
            let violation = reader.violation([UInt8](try Data(contentsOf: file)))
            #expect(violation == nil, "\(reader.rawValue)/\(file.lastPathComponent)")
        }
    }
}
