import SeededRandom
import Testing

@testable import Evaluation

@Suite struct DatasetTests {
    @Test func `Kinds come from the end of the name, however it spells its class`() {
        for (name, partClass, kind) in [
            ("cup0_bulge3", "cup0", "bulge"), ("cup0_positive12", "cup0", "good"), ("desk_positive1", "desk0", "good"),
            ("desk0_concavity0", "desk0", "concavity"), ("5_sink_cut", "airplane", "sink"), ("12_good", "fish", "good"),
            ("cup0_template2", "cup0", "template"), ("key_blank1_crack_2", "key_blank1", "crack"),
            ("Cup0_Hole1", "cup0", "hole"), ("good3", "cup0", "good"),
        ] {
            #expect(SampleName.kind(of: name, in: partClass) == kind, "\(name)")
        }
        for name in ["cup0", "cup", "017", "cup_3", ""] { #expect(SampleName.kind(of: name, in: "cup0") == nil) }
    }

    @Test func `Anomaly-ShapeNet below pcd, with meshes beside it`() throws {
        let layout = DatasetLayout(
            paths: [
                "pcd/desk0/train/desk0_template1.pcd", "pcd/desk0/train/desk0_template0.pcd",
                "pcd/desk0/train/notes.md",
                "pcd/desk0/test/desk_bulge0.pcd", "pcd/desk0/test/desk0_positive0.pcd",
                "pcd/desk0/test/desk0_hole1.pcd",
                "pcd/desk0/GT/desk0_bulge0.txt", "pcd/desk0/GT/desk0_bulge1.txt", "pcd/desk0/GT/desk0_bulge0.pcd",
                "pcd/desk0/test/.hidden_bulge9.pcd", "pcd/desk0/test/strange.d.pcd", "pcd/desk0/test/017.pcd",
                "obj/desk0/test/desk0_bulge0.obj", "obj/desk0/train/desk0_template0.ply",
                "pcd/cup0/test/cup0_bulge0.pcd", "manifest.json",
            ], rootName: "data")
        let desk = try #require(layout.classes.first)
        #expect(layout.classes.count == 1 && desk.name == "desk0" && desk.folder == "pcd/desk0")
        #expect(desk.training == ["pcd/desk0/train/desk0_template0.pcd", "pcd/desk0/train/desk0_template1.pcd"])
        #expect(desk.test.map(\.name) == ["desk0_hole1", "desk0_positive0", "desk_bulge0", "strange.d"])
        // Clouds come from test, labels from GT, also where the two spell the class differently.
        #expect(desk.test[2].path == "pcd/desk0/test/desk_bulge0.pcd" && desk.test[2].kind == "bulge")
        #expect(desk.test[2].labels == "pcd/desk0/GT/desk0_bulge0.txt")
        #expect(desk.test[1].labels == nil && !desk.test[1].isBad && desk.test[0].labels == nil)
        #expect(layout.notes.contains { $0.contains("desk0_hole1.pcd: no ground truth") })
        #expect(layout.notes.contains { $0.contains("017.pcd: the name tells no kind") })
        #expect(layout.notes.contains { $0.contains("class cup0: expected training parts") })
    }

    @Test func `Real3D-AD, with templates in test`() throws {
        let layout = DatasetLayout(
            paths: [
                "fish/train/1_template.pcd", "fish/test/2_good.pcd", "fish/test/3_bulge.pcd",
                "fish/test/5_sink_cut.pcd", "fish/test/1_template.pcd", "fish/gt/3_bulge.txt", "fish/gt/5_sink_cut.txt",
                "fish/gt/4_bulge.txt",
            ], rootName: "Real3D-AD-PCD")
        let fish = try #require(layout.classes.first)
        #expect(fish.test.map(\.kind) == ["good", "bulge", "sink"])
        #expect(fish.test.map(\.labels) == [nil, "fish/gt/3_bulge.txt", "fish/gt/5_sink_cut.txt"])
        #expect(layout.notes == ["fish: 1 templates in test are no test parts"])
    }

    @Test func `A class by itself is a data set; of two with one name the first is read`() {
        let alone = DatasetLayout(
            paths: ["train/a_template0.pcd", "test/a_bulge0.pcd", "GT/a_bulge0.txt"], rootName: "a0")
        #expect(alone.classes.map(\.name) == ["a0"] && alone.notes.isEmpty)
        let paths = ["x/a/train/a_template0.pcd", "x/a/test/a_good0.pcd"]
        let twice = DatasetLayout(
            paths: paths + paths.map { $0.replacing("x/", with: "y/") }, rootName: "data")
        #expect(twice.classes.map(\.folder) == ["x/a"])
        #expect(twice.notes.first?.contains("class a is there twice: x/a is read, y/a is left out") == true)
    }

    @Test func `The published means stand beside Anomaly-ShapeNet's classes only`() {
        func classes(_ names: [String]) -> [DatasetLayout.PartClass] {
            names.map { .init(name: $0, folder: $0, training: [], test: []) }
        }
        #expect(PublishedRow.rows(for: classes(["cup0", "vase9"])).first?.values[.partAUROC] == 0.66)
        #expect(PublishedRow.rows(for: classes(["cup0", "bracket0"])).isEmpty && PublishedRow.rows(for: []).isEmpty)
    }

    // A grid of 1 mm with a little noise.
    private func cloud(_ side: Int) -> [SIMD3<Float>] {
        var generator = SplitMix64(seed: 1)
        return (0..<side * side).map { i in
            SIMD3(Float(i % side), Float(i / side), 0.05 * generator.normal())
        }
    }

    @Test func `Labels follow the points through another order and precision`() throws {
        let cloud = cloud(30)
        let labels = cloud.map { ($0.x < 4 && $0.y < 4) || ($0.x > 24 && $0.y > 26) }
        var order = Array(cloud.indices), generator = SplitMix64(seed: 2)
        order.shuffle(using: &generator)
        let rows = order.map { i in
            SIMD3((cloud[i].x * 100).rounded() / 100, cloud[i].y, (cloud[i].z * 100).rounded() / 100)
        }
        let truth = try GroundTruth(cloud, rows: rows, values: order.map { labels[$0] ? 1 : 0 })
        #expect(truth.points.labels == labels && truth.anomalousCount == labels.count { $0 })
        #expect(Set(truth.points.regions) == [-1, 0, 1])
        #expect(zip(truth.points.regions, labels).allSatisfy { ($0 >= 0) == $1 })
        #expect(abs(truth.diagonal - 29 * 2.0.squareRoot().asFloat) < 0.1)
    }

    @Test func `A ground truth of another cloud is refused`() throws {
        let cloud = cloud(30), ones = [Float](repeating: 1, count: cloud.count)
        #expect(throws: GroundTruthError.self) {
            try GroundTruth(cloud, rows: cloud.map { $0 + SIMD3(0.4, 0, 0) }, values: ones)
        }
        #expect(throws: GroundTruthError.self) {
            try GroundTruth(cloud, rows: Array(cloud.dropLast(5)), values: Array(ones.dropLast(5)))
        }
        #expect(throws: GroundTruthError.self) {
            try GroundTruth(Array(cloud.dropLast(50)), rows: cloud, values: ones)
        }
        #expect(throws: GroundTruthError.self) { try GroundTruth(cloud, rows: cloud, values: ones.map { _ in 0 }) }
        #expect(throws: GroundTruthError.self) { try GroundTruth(cloud, rows: cloud, values: ones.map { _ in .nan }) }
        #expect(throws: GroundTruthError.self) { try GroundTruth(cloud, rows: [], values: []) }
        do {
            _ = try GroundTruth(cloud, rows: cloud.map { $0 + SIMD3(0, 0, 3) }, values: ones)
        } catch {
            #expect(error.description.contains("it belongs to another cloud"))
        }
    }
}

extension Double {
    fileprivate var asFloat: Float { Float(self) }
}
