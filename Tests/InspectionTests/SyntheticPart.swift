import Foundation

/// An egg with a ridge: no symmetry, known in closed form. Scans of it are drawn evenly over direction, with noise.
struct SyntheticPart {
    var points = 6000
    var noise: Float = 0.03
    /// Displacement along the ray in mm, as a function of the direction; negative is a dent.
    var defect: (SIMD3<Float>) -> Float = { _ in 0 }
    /// Directions that are not scanned.
    var isMissing: (SIMD3<Float>) -> Bool = { _ in false }

    static func radius(_ direction: SIMD3<Float>) -> Float {
        let ridge = exp(-40 * direction.x * direction.x) * (direction.z > 0 ? direction.z : 0)
        return 40 + 8 * direction.z + 4 * direction.x * direction.y + 5 * ridge
    }

    func scan(seed: UInt64) -> [SIMD3<Float>] {
        var generator = SystemLikeGenerator(state: seed)
        var cloud: [SIMD3<Float>] = []
        while cloud.count < points {
            let z = 2 * generator.uniform() - 1, angle = 2 * .pi * generator.uniform()
            let r = (1 - z * z).squareRoot()
            let direction = SIMD3(Float(r * cos(angle)), Float(r * sin(angle)), Float(z))
            if isMissing(direction) { continue }
            let reach = Self.radius(direction) + defect(direction) + noise * Float(generator.normal())
            cloud.append(direction * reach)
        }
        return cloud
    }

    /// A smooth displacement of `height` mm around `place`, falling to 0 within about 20 degrees.
    static func bump(_ height: Float, at place: SIMD3<Float>) -> (SIMD3<Float>) -> Float {
        let center = place / (place * place).sum().squareRoot()
        return { direction in height * exp(-40 * (1 - (direction * center).sum())) }
    }
}
