import Inspection
import ParallelLoops
import PointClouds
import Testing

@testable import HeatMaps

@Suite struct HeatMapPictureTests {
    @Test func sameBytesOnOneAndTwoWorkers() throws {
        let map = Samples.holedSphere()
        let input = Samples.input(map, regions: [Samples.region(map, kind: .missing)])
        let one = input.png(workers: .one)
        #expect(one == input.png(workers: Workers(count: 2)))
        let decoded = try PNGDecoder(one)
        #expect(decoded.width == 1500 && decoded.height == 640)
    }

    @Test func showsTheRegionInTheFirstView() throws {
        let map = Samples.hotSphere()
        let decoded = try PNGDecoder(Samples.input(map, regions: [Samples.region(map)]).png())
        func isHot(_ x: Int, _ y: Int) -> Bool {
            let pixel = decoded[x, y]
            return pixel[0] > 100 && pixel[1] < 60 && pixel[2] < 60
        }
        func hotPixels(_ columns: Range<Int>) -> Int {
            (84..<620).reduce(0) { sum, y in sum + columns.count { isHot($0, y) } }
        }
        #expect(hotPixels(20..<520) > 500)
        // Not from the opposite side.
        #expect(hotPixels(530..<1030) == 0)
    }

    @Test func oddMapsGivePictures() throws {
        let nan = Float.nan
        let maps = [
            ScoreMap(points: [], partPointCount: 0, fused: [], channels: [:], deviations: []),
            ScoreMap(points: [[1, 2, 3]], partPointCount: 1, fused: [9], channels: [:], deviations: []),
            ScoreMap(points: [[1, 2, 3]], partPointCount: 0, fused: [nan], channels: [:], deviations: [nan]),
            ScoreMap(
                points: [[nan, 0, 0], [0, 0, 0], [.infinity, 1, 1]], partPointCount: 3, fused: [1, nan, 2],
                channels: [:], deviations: []),
            // A heap of points and a few that are not in it.
            ScoreMap(
                points: (0..<6000).map { [Float($0 < 5990 ? 0 : $0), 0, Float($0 < 5990 ? 0 : $0 % 7)] },
                partPointCount: 6000, fused: [], channels: [:], deviations: []),
            // Lengths that do not agree, and a count that is none.
            ScoreMap(points: [[0, 0, 0], [1, 0, 0]], partPointCount: 7, fused: [1], channels: [:], deviations: [1]),
            ScoreMap(points: [[0, 0, 0], [1, 0, 0]], partPointCount: -1, fused: [], channels: [:], deviations: []),
            ScoreMap(
                points: [[0, 0, 0], [0, 0, 0], [3e38, -3e38, 1]], partPointCount: 3, fused: [1, 2, .infinity],
                channels: [:], deviations: []),
        ]
        let box = OrientedBoundingBox([[0, 0, 0], [1, 0, 0]])
        let region = Region(
            id: 1, centroid: [nan, 0, 0], box: box, area: nan, points: 1, peak: nan, mean: nan, deviation: nan,
            kind: .surface)
        for map in maps {
            for regions in [[], [region]] {
                var input = Samples.input(map, regions: regions, partID: String(repeating: "long \u{e9} ", count: 200))
                input.score = nan
                input.threshold = -.infinity
                let decoded = try PNGDecoder(input.png(workers: .one))
                #expect(decoded.width == 1500)
                #expect(!input.ply().isEmpty)
                #expect(HeatMapPage.html(title: "", entries: [.init(heatMap: input, png: [])]).hasSuffix("</html>\n"))
            }
        }
    }

    @Test func everyCharacterHasAGlyph() {
        #expect(StrokeGlyphs.table.count == 95)
        for code in UInt8(33)...126 {
            let text = String(UnicodeScalar(code))
            let points = StrokeFont.strokes(text, at: .zero, height: 21).joined()
            #expect(!points.isEmpty)
            #expect(points.allSatisfy { $0.y > -30 && $0.y < 12 && $0.x > -4 && $0.x < 34 })
            #expect(StrokeFont.width(text, height: 21) > 5)
        }
        #expect(StrokeFont.width("\u{e9}", height: 21) == StrokeFont.width("?", height: 21))
        let cut = StrokeFont.truncated("a long line of text", height: 10, width: 60)
        #expect(cut.hasSuffix("...") && StrokeFont.width(cut, height: 10) <= 60)
    }

    @Test func numbers() {
        #expect(NumberText.fixed(-0.04, 1) == "0.0")
        #expect(NumberText.fixed(1.25, 1) == "1.3")
        #expect(NumberText.fixed(-12.345, 2) == "-12.35" || NumberText.fixed(-12.345, 2) == "-12.34")
        #expect(NumberText.fixed(0.5, 2, sign: true) == "+0.50")
        #expect(NumberText.fixed(.nan, 2) == "-" && NumberText.fixed(-.infinity, 1) == "-inf")
        #expect(["0.125", "1.25", "12.5", "125"] == [0.125, 1.25, 12.5, 125].map { NumberText.short($0) })
        #expect(NumberText.size([1, 30, 2]) == "30.0 x 2.0 x 1.0")
        #expect(ScaleBar.length(most: 60) == 50 && ScaleBar.length(most: 20) == 20 && ScaleBar.length(most: 0.3) <= 0.3)
        #expect(ScaleBar.length(most: .nan) == 0)
    }
}
