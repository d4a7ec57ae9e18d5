import Foundation
import IMRNet
import NeuralNetwork

/// The pretrained weights that teaching starts from.
enum Backbone {
    static let fileName = "small.safetensors"

    /// The weights that ship: found from where the program lies (a build folder, or /usr/lib/scanward with
    /// /usr/share/scanward), or from the working folder.
    static var defaultPath: String {
        let relative = "fixtures/backbone/\(fileName)"
        let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        var folder = executable.deletingLastPathComponent()
        var candidates: [URL] = []
        for _ in 0..<4 {
            candidates.append(folder.appending(path: relative))
            candidates.append(folder.appending(path: "share/scanward/\(fileName)"))
            folder = folder.deletingLastPathComponent()
        }
        candidates.append(URL(filePath: relative))
        return candidates.first { FileManager.default.fileExists(atPath: $0.path) }?.path ?? relative
    }

    static func read(_ path: String) throws -> (ReconstructionNetwork, ModelManifest.Source) {
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Failure("expected pretrained weights at \(path), which cannot be read: name them with --backbone")
        }
        do {
            let tensors = try SafeTensors(decoding: bytes)
            let network = try ReconstructionNetwork(tensors)
            return (network, .init(name: URL(filePath: path).lastPathComponent, sha256: sha256(bytes), points: 0))
        } catch {
            throw Failure("\(path): \(error)")
        }
    }
}
