import Foundation
import PointCloudFiles

/// Meshes that a benchmark is made from, as named on the command line.
enum SynthesisMeshes {
    struct Part {
        /// Of the class.
        var name: String
        var url: URL
    }

    /// Files, folders of files (not searched deeper), and NAME=MESH, in the order of the classes' names.
    static func expand(_ arguments: [String]) throws -> [Part] {
        var parts: [Part] = []
        for argument in arguments {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder)
            if exists, isFolder.boolValue {
                let files = try FileManager.default.contentsOfDirectory(atPath: argument)
                    .filter { MeshFile.Format(fileExtension: URL(filePath: $0).pathExtension) != nil }
                guard !files.isEmpty else {
                    throw Failure("expected meshes (.obj, .stl, .ply) in \(argument), found none")
                }
                parts += files.map { part(nil, argument + "/" + $0) }
            } else if !exists, let split = argument.firstIndex(of: "=") {
                parts.append(part(String(argument[..<split]), String(argument[argument.index(after: split)...])))
            } else {
                parts.append(part(nil, argument))
            }
        }
        parts.sort { $0.name < $1.name }
        for (a, b) in zip(parts, parts.dropFirst()) where a.name == b.name {
            throw Failure(
                "expected one mesh for each class, found \(a.url.path) and \(b.url.path), both for \(a.name); "
                    + "name one of them with NAME=MESH")
        }
        for part in parts where !part.name.allSatisfy({ $0.isLetter || $0.isNumber || "-.".contains($0) }) {
            throw Failure(
                "expected a class's name of letters, digits, - and ., found \(printable(part.name)) (\(part.url.path)); "
                    + "name it with NAME=MESH")
        }
        return parts
    }

    private static func part(_ name: String?, _ path: String) -> Part {
        let url = URL(filePath: path)
        return Part(name: name ?? url.deletingPathExtension().lastPathComponent, url: url)
    }
}
