import Foundation
import HeatMaps
import Inspection
import TestPrograms
import Testing

@testable import scanward

@Suite struct PartPictureFolderTests {
    private func cloud(_ count: Int = 10) throws -> [UInt8] {
        let points = (0..<count).map { SIMD3<Float>(Float($0), 1, 2) }
        let map = ScoreMap(
            points: points, partPointCount: count, fused: [Float](repeating: 2, count: count),
            channels: [.feature: [Float](repeating: 1, count: count)], deviations: [])
        return try PartCloud(map, threshold: 1).bytes()
    }

    private func limits(failed: Int = 3, ok: Int = 2, bytes: Int = 1 << 20) -> PartPictureLimits {
        var limits = PartPictureLimits()
        (limits.failed, limits.ok, limits.bytes) = (failed, ok, bytes)
        return limits
    }

    private func id(_ number: Int) -> String { String(format: "%032x", number) }

    @Test func theNewestAreKeptOverARestart() throws {
        let scratch = try ScratchFolder("parts")
        let folder = try PartPictureFolder(scratch.url, limits: limits())
        let bytes = try cloud()
        for number in 1...10 {
            try folder.keep(
                bytes, resultID: id(number), decidedNanoseconds: UInt64(number), isFailed: number % 2 == 0)
        }
        // Of those that are not ok 6, 8 and 10; of those that are 7 and 9.
        #expect((1...10).filter { folder.kept(resultID: id($0)) != nil } == [6, 7, 8, 9, 10])
        let kept = try #require(folder.kept(resultID: id(8)))
        #expect(kept.points == 10 && kept.bytes == bytes.count && kept.channels == ["feature"])
        #expect(try folder.cloud(resultID: id(8)) == bytes && folder.cloud(resultID: id(1)) == nil)
        try Data("half".utf8).write(to: scratch.url.appending(path: "x.cloud.part"))
        let again = try PartPictureFolder(scratch.url, limits: limits(failed: 1))
        #expect((1...10).filter { again.kept(resultID: id($0)) != nil } == [7, 9, 10])
        #expect(again.contents.count == 3 && again.contents.bytes == 3 * bytes.count)
        #expect(!FileManager.default.fileExists(atPath: scratch.file("x.cloud.part")))
    }

    @Test func bytesAreBoundedAndThoseThatAreOkGoFirst() throws {
        let bytes = try cloud()
        let folder = try PartPictureFolder(
            try ScratchFolder("parts").url, limits: limits(failed: 9, ok: 9, bytes: 3 * bytes.count))
        for number in 1...5 {
            try folder.keep(bytes, resultID: id(number), decidedNanoseconds: UInt64(number), isFailed: number < 4)
        }
        #expect((1...5).filter { folder.kept(resultID: id($0)) != nil } == [1, 2, 3])
        try folder.keep(bytes, resultID: id(6), decidedNanoseconds: 6, isFailed: true)
        #expect((1...6).filter { folder.kept(resultID: id($0)) != nil } == [2, 3, 6])
    }

    @Test func aHeatMapComesOfWhatIsKept() throws {
        let folder = try PartPictureFolder(try ScratchFolder("parts").url, limits: limits())
        try folder.keep(try cloud(7), resultID: id(1), decidedNanoseconds: 1, isFailed: true)
        let ply = try #require(try folder.heatMap(resultID: id(1)))
        let header = String(decoding: ply.prefix(700), as: UTF8.self)
        #expect(header.hasPrefix("ply\n") && header.contains("element vertex 7\n"))
        #expect(header.contains("comment origin 3.0 1.0 2.0\n") && !header.contains("<"))
    }

    @Test func aDiskWithoutRoomIsLeftToTheJournal() throws {
        var limits = limits()
        limits.minimumFreeBytes = .max
        #expect(try !PartPictureFolder(try ScratchFolder("parts").url, limits: limits).hasRoom)
    }

    @Test func templatesOfOldModelsGo() throws {
        var limits = limits()
        limits.templates = 2
        let scratch = try ScratchFolder("parts")
        let folder = try PartPictureFolder(scratch.url, limits: limits)
        for number in 1...4 { try use([number], folder, scratch) }
        #expect(try kept(folder) == [2, 3, 4])
    }

    /// Whoever looks at a part sees what it was compared with, however many models came since.
    @Test func aTemplateStaysForAsLongAsPartsOfItsModel() throws {
        var limits = limits(failed: 2, ok: 1)
        limits.templates = 1
        let scratch = try ScratchFolder("parts")
        var folder = try PartPictureFolder(scratch.url, limits: limits)
        func judge(_ part: Int, by model: Int, isFailed: Bool = true) throws {
            try folder.keep(
                try cloud(), resultID: id(part), decidedNanoseconds: UInt64(part), isFailed: isFailed, model: id(model))
        }
        try use([1, 2], folder, scratch)
        try judge(1, by: 1)
        try judge(2, by: 2)
        for number in 3...6 { try use([number], folder, scratch) }
        // 6 is in use, 5 the newest of the others.
        #expect(try kept(folder) == [1, 2, 5, 6])
        let bytes = try FileManager.default.contentsOfDirectory(atPath: scratch.file("templates")).reduce(0) {
            $0 + (try Data(contentsOf: scratch.url.appending(path: "templates/\($1)")).count)
        }
        #expect(folder.contents.bytes == bytes + 2 * (try cloud().count))
        folder = try PartPictureFolder(scratch.url, limits: limits)
        try use([6], folder, scratch)
        #expect(try kept(folder) == [1, 2, 5, 6])
        // The part that 1 judged makes room, and with it the template.
        try judge(3, by: 6)
        #expect(try kept(folder) == [2, 5, 6])
        // So do those that bytes are short for.
        limits.bytes = folder.contents.bytes - 1
        folder = try PartPictureFolder(scratch.url, limits: limits)
        try use([6], folder, scratch)
        #expect(try kept(folder) == [5, 6] && folder.contents.count == 1)
    }

    private func use(_ models: [Int], _ folder: PartPictureFolder, _ scratch: ScratchFolder) throws {
        try folder.keepTemplates(
            models.map { model in (id(model), { try PartCloud(surface: [[1, 2, 3]], model: id(model)).bytes() }) })
        // The system's stamps are too coarse to tell what came first.
        for model in models {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: Double(model))],
                ofItemAtPath: scratch.file("templates/\(id(model)).cloud"))
        }
    }

    private func kept(_ folder: PartPictureFolder) throws -> [Int] {
        try (1...6).filter { try folder.template(modelID: id($0)) != nil }
    }
}
