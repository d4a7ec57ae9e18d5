/// A colour in sRGB, 8 bits a channel.
public struct RGB: Sendable, Equatable, Hashable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8

    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// From 0xRRGGBB.
    init(hex: UInt32) {
        self.init(UInt8(hex >> 16 & 255), UInt8(hex >> 8 & 255), UInt8(hex & 255))
    }

    /// The channels as 0 to 255.
    var floats: SIMD3<Float> { [Float(red), Float(green), Float(blue)] }

    /// Rounds to nearest and clamps; what is not a number becomes 0.
    init(floats: SIMD3<Float>) {
        func byte(_ value: Float) -> UInt8 { value > 0 ? UInt8(min(255, value.rounded())) : 0 }
        self.init(byte(floats.x), byte(floats.y), byte(floats.z))
    }
}
