import Testing

@testable import HeatMaps

@Suite struct ColorScaleTests {
    @Test func greyBelowAndHotAboveTheThreshold() {
        let scale = ColorScale(threshold: 4)
        #expect(scale.color(0) == ColorScale.good)
        #expect(scale.color(-3) == ColorScale.good)
        #expect(scale.color(4) == RGB(hex: 0xFE_D9_76))
        #expect(scale.color(12) == RGB(hex: 0x80_00_26))
        #expect(scale.color(.infinity) == scale.color(12))
        #expect(scale.color(.nan) == ColorScale.unscored)
        let calm = scale.color(2)
        #expect(max(calm.red, calm.green, calm.blue) - min(calm.red, calm.green, calm.blue) < 12)
    }

    @Test func darkensSteadilyAboveTheThreshold() {
        let scale = ColorScale(threshold: 1)
        let lightness = (0...40).map { OKLab.fromRGB(scale.color(1 + Float($0) * 0.05)).x }
        for (one, next) in zip(lightness, lightness.dropFirst()) { #expect(next < one + 0.004) }
        #expect(lightness[40] < lightness[0] - 0.4)
    }

    @Test(arguments: [0, -2, Float.nan, .infinity]) func thresholdThatIsNone(_ threshold: Float) {
        #expect(ColorScale(threshold: threshold).threshold == 1)
    }

    /// Values of the table in Ottosson's article.
    @Test func labOfKnownColours() {
        let white = OKLab.fromRGB(RGB(255, 255, 255))
        #expect((white - [1, 0, 0]).norm < 1e-4)
        let red = OKLab.fromRGB(RGB(255, 0, 0))
        #expect((red - [0.627_96, 0.224_86, 0.125_85]).norm < 2e-4)
        for color in [RGB(12, 200, 99), RGB(0, 0, 255), RGB(254, 217, 118)] {
            #expect(OKLab.toRGB(OKLab.fromRGB(color)) == color)
        }
    }
}
