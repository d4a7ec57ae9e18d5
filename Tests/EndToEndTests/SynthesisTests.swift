import Foundation
import PointCloudFiles
import PointClouds
import TestPrograms
import Testing
import TestPrograms

/// A small benchmark made as its users make one, and read back.
@Suite struct SynthesisTests {
    /// A square prism of this height as OBJ, and as STL.
    private func prism(_ height: Float) throws -> TriangleMesh {
        let corners = (0..<8).map { i in
            SIMD3<Float>(i & 1 == 0 ? -10 : 10, i & 2 == 0 ? -10 : 10, i & 4 == 0 ? 0 : height)
        }
        let quads: [[Int32]] = [
            [0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5],
        ]
        return try TriangleMesh(
            vertices: corners,
            triangles: quads.flatMap { [SIMD3($0[0], $0[1], $0[2]), SIMD3($0[0], $0[2], $0[3])] })
    }

    @Test func aBenchmarkOfTwoClasses() async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "scanward-synthesis-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let meshes = root.appending(path: "meshes")
        try FileManager.default.createDirectory(at: meshes, withIntermediateDirectories: true)
        for (name, height, format) in [("rod0.stl", 60, MeshFile.Format.stl), ("cube0.obj", 20, .obj)] {
            try Data(MeshFile.write(try prism(Float(height)), format: format))
                .write(to: meshes.appending(path: name))
        }
        try Data("no mesh".utf8).write(to: meshes.appending(path: "junk0.stl"))
        func make(_ out: String, _ more: [String]) async throws -> Program.Output {
            try await Program.run(
                [
                    "synthesize", meshes.path, "--out", root.appending(path: out).path, "--points", "4000", "--good",
                    "2",
                    "--defects", "7", "--diagonal", "100", "--pose", "tilted",
                ] + more)
        }
        let output = try await make("one", ["--threads", "1"])
        #expect(output.status == 0, "\(output.standardError)")
        #expect(output.standardOutput.contains("2 classes") && output.standardOutput.contains("1 meshes set aside"))
        #expect(output.standardError.contains("junk0.stl"))
        for name in ["cube0", "rod0"] {
            let folder = root.appending(path: "one/pcd/\(name)")
            let training = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "train").path)
            #expect(training.sorted() == (0..<4).map { "\(name)_template\($0).pcd" })
            let test = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "test").path)
            let labels = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "GT").path)
            #expect(test.count { $0.contains("_positive") } == 2)
            #expect(
                Set(labels.map { $0.dropLast(4) })
                    == Set(test.map { $0.dropLast(4) }.filter { !$0.contains("positive") }))
            #expect(labels.count == 7)
            for file in labels {
                let cloud = try PointCloudFile.read(
                    [UInt8](Data(contentsOf: folder.appending(path: "test/\(file.dropLast(4)).pcd"))), format: .pcd)
                let lines = try String(contentsOf: folder.appending(path: "GT/\(file)"), encoding: .utf8)
                    .split(separator: "\n")
                #expect(lines.count == cloud.points.count)
                for (line, point) in zip(lines, cloud.points) {
                    let fields = line.split(separator: ",")
                    #expect(fields.count == 4 && (fields[3] == "0" || fields[3] == "1"))
                    for axis in 0..<3 { #expect(((Float(fields[axis]) ?? .nan) - point[axis]).magnitude <= 1e-5) }
                }
            }
        }
        // The same bytes on two threads, and what is finished is not made again.
        let again = try await make("two", ["--threads", "2", "--json"])
        #expect(again.status == 0 && again.standardOutput.contains(#""classes":2,"#), "\(again)")
        let one = root.appending(path: "one"), two = root.appending(path: "two")
        let files = (FileManager.default.enumerator(atPath: one.path)?.allObjects ?? []).compactMap { $0 as? String }
            .filter { $0.contains(".") }
        #expect(files.count > 30)
        for file in files {
            #expect(
                FileManager.default.contents(atPath: one.appending(path: file).path)
                    == FileManager.default.contents(atPath: two.appending(path: file).path), "\(file)")
        }
        let cut = two.appending(path: "pcd/rod0/test/rod0_bulge0.pcd")
        try Data(contentsOf: cut).prefix(500).write(to: cut)
        let kept = two.appending(path: "pcd/cube0/test/cube0_bulge0.pcd")
        let before = try FileManager.default.attributesOfItem(atPath: kept.path)[.modificationDate] as? Date
        #expect(try await make("two", []).status == 0)
        let after = try FileManager.default.attributesOfItem(atPath: kept.path)[.modificationDate] as? Date
        #expect(before == after)
        #expect(
            try Data(contentsOf: cut)
                == Data(contentsOf: one.appending(path: "pcd/rod0/test/rod0_bulge0.pcd")))
    }
}
