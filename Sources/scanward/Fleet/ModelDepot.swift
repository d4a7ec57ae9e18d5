import Fleet
import Foundation
import NATSTransport

/// Models by SHA-256, in a stream of the fleet.
///
/// An object store of JetStream (ADR-20) is a stream by convention, with digests, links and watchers that nobody here needs; the C
/// library in Debian does not speak it. So models lie as plain messages: the pieces of their files, and, once all are there, a list
/// of them. What is read is held against the digests that a model brings along.
struct ModelDepot: Sendable {
    let streams: JetStream

    private struct Contents: Codable {
        struct File: Codable {
            var name: String
            var bytes: Int
            var pieces: Int
        }
        var schema = "fleet-model/1"
        var files: [File]
    }

    private static let maximumBytes = 2 << 30

    func contains(_ id: String) throws(NATSError) -> Bool {
        try streams.last(of: FleetNames.modelEnd(id), in: FleetNames.models) != nil
    }

    /// Stores the model of a folder, unless it is there.
    func store(_ id: String, from folder: URL) throws {
        guard try !contains(id) else { return }
        let manifest = try fileBytes(folder.appending(path: ModelFolder.manifestName).path)
        guard sha256(manifest) == id else {
            throw Failure("\(folder.path) does not hold the model \(id.prefix(12)) any more")
        }
        let names: [String]
        do {
            names = try JSONDecoder().decode(ModelManifest.self, from: Data(manifest)).files.keys.sorted()
        } catch {
            throw Failure("\(folder.path) is no model: \(error)")
        }
        let room = streams.maximumPayload - PartMessage.margin
        var contents = Contents(files: [])
        for name in [ModelFolder.manifestName, ModelFolder.digestName] + names {
            let bytes = try fileBytes(folder.appending(path: name).path)
            var pieces = 0
            for start in stride(from: 0, to: bytes.count, by: room) {
                let piece = Array(bytes[start..<min(start + room, bytes.count)])
                _ = try streams.publish(FleetNames.model(id, name, pieces), piece, id: nil)
                pieces += 1
            }
            contents.files.append(.init(name: name, bytes: bytes.count, pieces: pieces))
        }
        _ = try streams.publish(FleetNames.modelEnd(id), [UInt8](try JSONEncoder().encode(contents)), id: nil)
    }

    /// Reads a model into a folder that is not there yet.
    func fetch(_ id: String, to folder: URL) throws {
        guard let end = try streams.last(of: FleetNames.modelEnd(id), in: FleetNames.models) else {
            throw Failure("the model \(id.prefix(12)) is not in the fleet's store")
        }
        let contents: Contents
        do {
            contents = try JSONDecoder().decode(Contents.self, from: Data(end.payload))
        } catch {
            throw Failure("the fleet's store has no list of the files of model \(id.prefix(12)): \(error)")
        }
        guard contents.files.count <= 64,
            contents.files.allSatisfy({
                (0...Self.maximumBytes).contains($0.bytes) && (0...100_000).contains($0.pieces)
            }),
            contents.files.allSatisfy({ !$0.name.contains("/") && !["", ".", ".."].contains($0.name) })
        else { throw Failure("the fleet's store has a list of files that is no model's, for model \(id.prefix(12))") }
        let staging = folder.deletingLastPathComponent().appending(path: ".\(id).\(UUID().uuidString)")
        do {
            let writer = try FolderWriter(making: staging.path)
            for file in contents.files { try writer.write(try read(file, of: id), to: file.name) }
            try writer.take(folder.path)
        } catch {
            try? FileManager.default.removeItem(at: staging)
            throw error
        }
    }

    private func read(_ file: Contents.File, of id: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for index in 0..<file.pieces {
            guard let piece = try streams.last(of: FleetNames.model(id, file.name, index), in: FleetNames.models) else {
                throw Failure("the fleet's store lacks piece \(index) of \(file.name) of model \(id.prefix(12))")
            }
            bytes += piece.payload
            guard bytes.count <= file.bytes else { break }
        }
        guard bytes.count == file.bytes else {
            throw Failure(
                "expected \(file.bytes) bytes of \(printable(file.name)) of model \(id.prefix(12)) in the fleet's store, found "
                    + "\(bytes.count)")
        }
        return bytes
    }
}
