import Foundation
import PointCloudFiles
import PointClouds

/// Point clouds named on the command line.
enum CloudFiles {
    struct Loaded {
        var url: URL
        var sha256: String
        var points: [SIMD3<Float>]

        /// File name without its ending: the part's id.
        var name: String { url.deletingPathExtension().lastPathComponent }
    }

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
                throw Failure("expected point clouds (.pcd, .ply, .xyz) in \(path), found none")
            }
            files += children.sorted { $0.path < $1.path }
        }
        return files
    }

    static func load(_ url: URL) throws -> Loaded {
        guard let format = PointCloudFile.Format(fileExtension: url.pathExtension) else {
            throw Failure(
                "\(url.path): expected a file that ends in .pcd, .ply or .xyz, found \".\(url.pathExtension)\"")
        }
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: url))
        } catch {
            throw Failure("\(url.path) cannot be read: \(error.localizedDescription)")
        }
        do {
            let cloud = try PointCloudFile.read(bytes, format: format)
            return Loaded(url: url, sha256: sha256(bytes), points: cloud.points)
        } catch {
            throw Failure("\(url.path): \(error)")
        }
    }
}
