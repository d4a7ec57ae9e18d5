#if canImport(Glibc)
    import Glibc
#endif

/// The OKLab colour space, in which equal steps look equal (Ottosson 2020, "A perceptual color space for image
/// processing").
enum OKLab {
    /// L, a, b of an sRGB colour.
    static func fromRGB(_ color: RGB) -> SIMD3<Float> {
        let c = color.floats / 255
        let r = linear(c.x)
        let g = linear(c.y)
        let b = linear(c.z)
        let l = cbrtf(0.412_221_47 * r + 0.536_332_54 * g + 0.051_445_99 * b)
        let m = cbrtf(0.211_903_5 * r + 0.680_699_55 * g + 0.107_396_96 * b)
        let s = cbrtf(0.088_302_46 * r + 0.281_718_84 * g + 0.629_978_7 * b)
        return [
            0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_05 * s,
            1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
            0.025_904_04 * l + 0.782_771_77 * m - 0.808_675_77 * s,
        ]
    }

    /// The nearest sRGB colour, clamped to the gamut channel by channel.
    static func toRGB(_ lab: SIMD3<Float>) -> RGB {
        let l0 = lab.x + 0.396_337_78 * lab.y + 0.215_803_76 * lab.z
        let m0 = lab.x - 0.105_561_346 * lab.y - 0.063_854_17 * lab.z
        let s0 = lab.x - 0.089_484_18 * lab.y - 1.291_485_5 * lab.z
        let l = l0 * l0 * l0
        let m = m0 * m0 * m0
        let s = s0 * s0 * s0
        return RGB(
            floats: 255
                * SIMD3(
                    encoded(4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s),
                    encoded(-1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s),
                    encoded(-0.004_196_086 * l - 0.703_418_6 * m + 1.707_614_7 * s)))
    }

    private static func linear(_ c: Float) -> Float {
        c <= 0.04045 ? c / 12.92 : powf((c + 0.055) / 1.055, 2.4)
    }

    private static func encoded(_ c: Float) -> Float {
        c <= 0.003_130_8 ? max(0, 12.92 * c) : 1.055 * powf(c, 1 / 2.4) - 0.055
    }
}
