import HeatMaps
import Inspection
import Testing

@Suite struct PartCloudTests {
    /// A map of `count` points of which every 500th is far above the threshold, and two sites that the part lacks.
    private func map(_ count: Int) -> ScoreMap {
        let points = (0..<count).map { SIMD3<Float>(Float($0 % 100) + 1000, Float($0 / 100), 5) }
        let fused = (0..<count).map { $0 % 500 == 499 ? Float(9) : Float(0.25) }
        return ScoreMap(
            points: points + [[0, 0, 0], [1, 1, 1]], partPointCount: count, fused: fused + [8, 8],
            channels: [.feature: [Float](repeating: 2, count: count + 2)], deviations: [])
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        var cloud = PartCloud(map(30), threshold: 1, channelThresholds: [.feature: 3, .deviation: 4])
        cloud.header.model = "abc"
        cloud.header.templatePose = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0.5]
        let bytes = try cloud.bytes()
        let read = try PartCloud(reading: bytes)
        #expect(read == cloud && read.header.points == 32 && read.header.missingFrom == 30)
        #expect(read.header.arrays == ["position", "score", "channel:feature"])
        #expect(read.header.channelThresholds == ["feature": 3])
        // Places come back, by the origin.
        let origin = SIMD3(read.header.origin[0], read.header.origin[1], read.header.origin[2])
        #expect(SIMD3<Double>(read.map.points[7]) + origin == SIMD3(1007, 0, 5))
        #expect(read.map.fused[30] == 8 && read.map.partPointCount == 30)
        #expect(try bytes.count - PartCloud.header(of: bytes).end == 32 * 4 * 5)
    }

    @Test func whatIsWrongStaysWhereALargePartIsThinned() {
        let cloud = PartCloud(map(400_000), threshold: 1, maximum: 50_000)
        #expect(cloud.header.points == 50_000 && cloud.header.pointsBefore == 400_002)
        // 800 anomalous points and both lacking sites, all of them; the rest spread over the part.
        #expect(cloud.arrays[1].count { $0 > 1 } == 802 && cloud.header.missingFrom == 49_998)
        let rows = cloud.map.points.prefix(cloud.header.missingFrom).map { $0.y }
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $0 <= $1 }, "in their order")
        #expect(cloud == PartCloud(map(400_000), threshold: 1, maximum: 50_000))
    }

    @Test func aPartThatIsWrongAllOverIsSeenWhole() {
        var all = map(100_000)
        for index in 0..<60_000 { all.fused[index] = 9 }
        let cloud = PartCloud(all, threshold: 1, maximum: 10_000)
        #expect(cloud.header.points == 10_000)
        #expect((4900...5100).contains(cloud.arrays[1].count { $0 > 1 }))
    }

    @Test func pointsThatAreNotFiniteAreLeftOut() throws {
        var bad = map(10)
        bad.points[3].x = .nan
        bad.fused[4] = .infinity
        let cloud = PartCloud(bad, threshold: 1)
        #expect(cloud.header.points == 10 && cloud.header.missingFrom == 8)
        let empty = ScoreMap(points: [], partPointCount: 0, fused: [], channels: [:], deviations: [])
        #expect(try PartCloud(reading: PartCloud(empty, threshold: 1).bytes()).header.points == 0)
    }

    @Test func damageIsRefusedWithASentence() throws {
        let bytes = try PartCloud(map(10), threshold: 1).bytes()
        for count in [0, 3, 7, 8, 40, bytes.count - 1] {
            #expect(throws: PartCloudError.self) { try PartCloud(reading: Array(bytes.prefix(count))) }
        }
        #expect(throws: PartCloudError.self) { try PartCloud(reading: bytes + [0]) }
        var other = bytes
        other[0] = 0
        #expect(throws: PartCloudError.self) { try PartCloud(reading: other) }
        other = bytes
        other.replaceSubrange(4..<8, with: [255, 255, 255, 255])
        #expect(throws: PartCloudError.self) { try PartCloud(reading: other) }
    }
}
