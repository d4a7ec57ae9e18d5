import Foundation
import PointCloudFiles
import PointClouds

/// Point clouds named on the command line.
enum CloudFiles {
    struct Loaded {
        var url: URL
        var sha256: String
        /// In mm, relative to `origin`.
        var points: [SIMD3<Float>]
        /// Of clouds far from the file's own origin, so that Float keeps their detail; zero for all others.
        var origin: SIMD3<Double>

        /// File name without its ending: the part's id.
        var name: String { url.deletingPathExtension().lastPathComponent }
    }

    /// Points drawn from the surface of a mesh.
    private static let meshPoints = 60_000

    /// The files themselves, and for a folder those of its files that are point clouds, in order of their names.
    static func expand(_ paths: [String]) throws -> [URL] {
        var files: [URL] = []
        for path in paths {
            let url = URL(filePath: path)
            var isFolder: ObjCBool = false
            // What is not there is refused by `load`, one file at a time.
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
                files.append(url)
                continue
            }
            let children = try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
                .filter { PointCloudFile.Format(fileExtension: $0.pathExtension) != nil }
            guard !children.isEmpty else {
                throw Failure("expected point clouds or meshes (\(endings)) in \(path), found none")
            }
            files += children.sorted { $0.path < $1.path }
        }
        return files
    }

    static func load(_ url: URL) throws -> Loaded {
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw Failure("expected a point cloud, a mesh or a folder of them at \(url.path), found nothing there")
        }
        guard let format = PointCloudFile.Format(fileExtension: url.pathExtension) else {
            throw Failure(
                "\(url.path): expected a file that ends in one of \(endings), found \".\(url.pathExtension)\"")
        }
        let bytes = try fileBytes(url.path)
        do {
            let (points, origin) = try points(bytes, format)
            return Loaded(url: url, sha256: sha256(bytes), points: points, origin: origin)
        } catch {
            throw Failure("\(url.path): \(error)")
        }
    }

    private static let endings = ".pcd, .ply, .obj, .stl, .xyz, .csv"

    /// The points of a cloud; of a mesh in a format for meshes, points spread over its triangles. PLY files of triangles
    /// are most often meshed scans, and count as their vertices.
    private static func points(
        _ bytes: [UInt8], _ format: PointCloudFile.Format
    ) throws(PointCloudFileError) -> ([SIMD3<Float>], SIMD3<Double>) {
        if format == .obj || format == .stl {
            let (mesh, origin) = try MeshFile.readCentered(bytes, format: format == .obj ? .obj : .stl)
            if !mesh.triangles.isEmpty {
                return (MeshSampling.uniform(mesh, count: meshPoints, seed: 1).points, origin)
            }
        }
        let (cloud, origin) = try PointCloudFile.readCentered(bytes, format: format)
        return (cloud.points, origin)
    }
}
