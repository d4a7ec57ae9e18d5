import Foundation
import IMRNet
import ParallelLoops
import PointCloudFiles
import PointClouds

/// Meshes and clouds to pretrain on, named on the command line.
enum ShapeFiles {
    struct Read {
        var shapes: [PretrainingShape]
        /// Files that hold no usable surface, with the reason, in order of their names.
        var skipped: [(file: String, reason: String)]
    }

    private static let endings = ["obj", "stl", "ply", "pcd", "xyz", "csv"]

    /// Files by the names that they have in the data: the path below the folder that was named (or the file's own name),
    /// without its ending. So the split does not depend on where the data lies.
    static func expand(_ paths: [String]) throws -> [(name: String, url: URL)] {
        var files: [(name: String, url: URL)] = []
        for path in paths {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw Failure("\(path): expected a mesh, a point cloud, or a folder of them, found nothing there")
            }
            let url = URL(filePath: path)
            guard isFolder.boolValue else {
                files.append((url.deletingPathExtension().lastPathComponent, url))
                continue
            }
            let below = (FileManager.default.enumerator(atPath: path)?.allObjects ?? []).compactMap { $0 as? String }
                .filter { endings.contains(URL(filePath: $0).pathExtension.lowercased()) }
            guard !below.isEmpty else {
                throw Failure(
                    "expected meshes or point clouds (.\(endings.joined(separator: ", ."))) in \(path), found none")
            }
            files += below.map {
                (String($0.prefix($0.count - URL(filePath: $0).pathExtension.count - 1)), url.appending(path: $0))
            }
        }
        return files.sorted { ($0.name, $0.url.path) < ($1.name, $1.url.path) }
    }

    /// Reads them all, on several threads. What holds no surface is set aside, and told.
    static func read(_ paths: [String], workers: Workers) throws -> Read {
        let files = try expand(paths)
        var results = [Result<PretrainingShape, Failure>?](repeating: nil, count: files.count)
        results.withUnsafeMutableBufferPointer { buffer in
            let target = DisjointWrites(buffer)
            workers.run(chunks: files.count) { number in
                target[number] = Result { () throws(Failure) in try shape(files[number].url, named: files[number].name)
                }
            }
        }
        var read = Read(shapes: [], skipped: [])
        for (file, result) in zip(files, results) {
            switch result {
            case .success(let shape)?: read.shapes.append(shape)
            case .failure(let failure)?: read.skipped.append((file.url.path, failure.description))
            case nil: break
            }
        }
        return read
    }

    /// A PLY of triangles counts as a mesh here: what it is sampled for is its surface.
    private static func shape(_ url: URL, named name: String) throws(Failure) -> PretrainingShape {
        let bytes = try fileBytes(url.path)
        do {
            if let format = MeshFile.Format(fileExtension: url.pathExtension) {
                let mesh = try MeshFile.readCentered(bytes, format: format).mesh
                if !mesh.triangles.isEmpty {
                    return try PretrainingShape(name: name, digest: sha256(bytes), mesh: mesh)
                }
            }
            let format = PointCloudFile.Format(fileExtension: url.pathExtension)
            let cloud = try PointCloudFile.readCentered(bytes, format: format).cloud
            return try PretrainingShape(name: name, digest: sha256(bytes), points: cloud.points)
        } catch {
            throw Failure("\(url.path): \(error)")
        }
    }
}
