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
        let folder = try PartPictureFolder(try ScratchFolder("parts").url, limits: limits)
        for number in 1...4 {
            try folder.keepTemplate(modelID: id(number)) {
                try PartCloud(surface: [[1, 2, 3]], model: id(number)).bytes()
            }
        }
        #expect(try (1...4).count { try folder.template(modelID: id($0)) != nil } == 2)
        #expect(try folder.template(modelID: id(4)) != nil)
    }
}
