#if canImport(Glibc)
    import Glibc
#endif

enum Trigonometry {
    static func sine(_ radians: Float) -> Float { sinf(radians) }
    static func cosine(_ radians: Float) -> Float { cosf(radians) }
    static func azimuth(of direction: SIMD3<Float>) -> Float { atan2f(direction.y, direction.x) }
}
