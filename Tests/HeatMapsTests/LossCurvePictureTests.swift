import Testing

@testable import HeatMaps

struct LossCurvePictureTests {
    @Test func drawsTheCurveAndNothingOfNothing() throws {
        let points = (0..<20).map {
            LossCurvePicture.Point(
                step: $0 * 50, training: $0 == 0 ? nil : 0.002 / Float($0), validation: 0.0015 / Float($0 + 1))
        }
        let picture = try PNGDecoder(#require(LossCurvePicture.png(points)))
        #expect(picture.width == 760 && picture.height == 420)
        #expect(LossCurvePicture.png([]) == nil)
        #expect(LossCurvePicture.png([.init(step: 0, training: nil, validation: .nan)]) == nil)
        let one = LossCurvePicture.png([.init(step: 0, training: nil, validation: 0.001)])
        #expect(one != nil && one != LossCurvePicture.png(points))
    }
}
