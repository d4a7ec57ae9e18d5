import AnomalySynthesis
import Foundation
import Testing

@Suite struct DatasetManifestTests {
    @Test func `A manifest reads back as it was written`() throws {
        let defect = DatasetManifest.Defect(kind: .hole, center: [1, 2, 3], size: 12, depth: 4)
        let sample = DatasetManifest.Sample(
            name: "cup0_hole0", isTraining: false, points: 9000, anomalousPoints: 120, defect: defect,
            pose: [1, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
        let manifest = DatasetManifest(
            version: "1", seed: 7, draw: .hard, scanner: .singleView, pose: .tilted,
            classes: [.init(name: "cup0", mesh: "cup.stl", meshSHA256: "00", diagonal: 180, samples: [sample])])
        let read = try JSONDecoder().decode(DatasetManifest.self, from: JSONEncoder().encode(manifest))
        #expect(read == manifest)
        #expect(read.schema == DatasetManifest.schemaName)
    }
}
