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

extension SyntheticPart {
    /// What a sensor at `eye` (mm, outside the part) sees: rays drawn evenly over a picture before it, each ending on the first surface
    /// that it meets.
    func scan(from eye: SIMD3<Float>, seed: UInt64) -> [SIMD3<Float>] {
        var generator = SystemLikeGenerator(state: seed)
        let reach = (eye * eye).sum().squareRoot(), axis = -eye / reach
        let other: SIMD3<Float> = abs(axis.x) < 0.6 ? SIMD3(1, 0, 0) : SIMD3(0, 1, 0)
        let u = Self.unit(other - axis * (other * axis).sum())
        let v = SIMD3(axis.y * u.z - axis.z * u.y, axis.z * u.x - axis.x * u.z, axis.x * u.y - axis.y * u.x)
        var cloud: [SIMD3<Float>] = []
        while cloud.count < points {
            let across = Float(2 * generator.uniform() - 1) * 75, along = Float(2 * generator.uniform() - 1) * 75
            let ray = Self.unit(axis * reach + u * across + v * along)
            let noise = noise * Float(generator.normal())
            guard let distance = firstHit(from: eye, along: ray, reach: reach) else { continue }
            cloud.append(eye + ray * (distance + noise))
        }
        return cloud
    }

    private static func unit(_ v: SIMD3<Float>) -> SIMD3<Float> { v / (v * v).sum().squareRoot() }

    /// How far a point lies outside the surface, along its own direction.
    private func height(_ point: SIMD3<Float>) -> Float {
        let norm = (point * point).sum().squareRoot(), direction = point / norm
        return norm - Self.radius(direction) - defect(direction)
    }

    /// By steps of 1 mm, then halving; `nil` for a ray that misses, or ends where the surface is missing.
    private func firstHit(from eye: SIMD3<Float>, along ray: SIMD3<Float>, reach: Float) -> Float? {
        var outside = reach - 70
        while outside < reach + 70 {
            if height(eye + ray * (outside + 1)) < 0 {
                var inside = outside + 1
                for _ in 0..<14 {
                    let middle = (outside + inside) / 2
                    if height(eye + ray * middle) < 0 { inside = middle } else { outside = middle }
                }
                return isMissing(Self.unit(eye + ray * outside)) ? nil : outside
            }
            outside += 1
        }
        return nil
    }
}
