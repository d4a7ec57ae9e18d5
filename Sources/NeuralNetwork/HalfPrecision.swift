// Conversions by bits: Float16 needs F16C or a library call per element on x86-64, and is missing on some platforms.
extension Float {
    /// From IEEE 754 binary16; exact.
    init(halfBits bits: UInt16) {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1F
        let fraction = UInt32(bits & 0x3FF)
        switch exponent {
        case 0:
            let magnitude = Float(fraction) * 0x1p-24
            self = sign == 0 ? magnitude : -magnitude
        case 31:
            self = Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default:
            self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    /// As IEEE 754 binary16: nearest, ties to even; too large becomes infinite.
    var halfBits: UInt16 {
        let sign = UInt16(truncatingIfNeeded: bitPattern >> 16) & 0x8000
        let magnitude = bitPattern & 0x7FFF_FFFF
        if magnitude > 0x7F80_0000 { return sign | 0x7E00 }
        if magnitude >= 0x4780_0000 { return sign | 0x7C00 }
        if magnitude < 0x3880_0000 {
            // Subnormal: a multiple of 2^-24, and so is the rounded product.
            let steps = (Float(bitPattern: magnitude) * 0x1p24).rounded(.toNearestOrEven)
            return sign | UInt16(steps)
        }
        let rounded = magnitude &+ 0xFFF &+ (magnitude >> 13 & 1)
        return sign | UInt16(truncatingIfNeeded: (rounded &- 0x3800_0000) >> 13)
    }

    /// As bfloat16: nearest, ties to even.
    var bfloatBits: UInt16 {
        if isNaN { return UInt16(bitPattern >> 16) | 0x40 }
        let rounded = bitPattern &+ 0x7FFF &+ (bitPattern >> 16 & 1)
        return UInt16(truncatingIfNeeded: rounded >> 16)
    }
}
