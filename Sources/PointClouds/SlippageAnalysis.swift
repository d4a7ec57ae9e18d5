/// Finds the motions by which a part slides over a surface without resistance.
///
/// Gelfand and Guibas 2004: the eigenvectors of the point-to-plane normal equations with small eigenvalues. Noise of
/// the normals gives a free direction some resistance, and a small feature gives a bound one little: so the eigenvalue
/// only makes a suspect, and the part is then moved a little that way and fitted again.
struct SlippageAnalysis {
    /// A motion in the six unknowns of the normal equations: a rotation about the centre, measured as the motion it
    /// makes at the radius, and a translation.
    struct Twist {
        var turn: SIMD3<Double>
        var shift: SIMD3<Double>
        /// Share of the mean eigenvalue.
        var stiffness: Double
    }

    /// Centre of the moved points, the pivot of every twist.
    let center: SIMD3<Double>
    /// Root mean square distance from it.
    let radius: Double
    /// Softest first, those below a tenth of the mean.
    let suspects: [Twist]

    init(_ points: [SIMD3<Float>], _ transform: RigidTransform, on target: PoseTarget, within distance: Float) {
        let moved = transform.apply(points)
        let n = Double(max(1, moved.count))
        let center = moved.reduce(SIMD3<Double>.zero) { $0 + SIMD3<Double>($1) } / n
        let squares = moved.reduce(0.0) { sum, p in
            let offset = SIMD3<Double>(p) - center
            return sum + dot(offset, offset)
        }
        let radius = (squares / n).squareRoot()
        (self.center, self.radius) = (center, radius)
        guard radius > 0 else {
            suspects = []
            return
        }
        let (indices, squared) = target.index.nearest(of: moved, workers: target.workers)
        var matrix = [Double](repeating: 0, count: 36)
        for i in moved.indices where indices[i] >= 0 && squared[i] <= distance * distance {
            let normal = SIMD3<Double>(target.normals[Int(indices[i])])
            let turn = cross(SIMD3<Double>(moved[i]) - center, normal) / radius
            let row = [turn.x, turn.y, turn.z, normal.x, normal.y, normal.z]
            for a in 0..<6 {
                for b in 0..<6 { matrix[6 * a + b] += row[a] * row[b] }
            }
        }
        let eigen = JacobiEigen(matrix, size: 6)
        let mean = eigen.values.reduce(0, +) / 6
        suspects = (0..<6).compactMap { i in
            guard mean > 0, eigen.values[i] < 0.1 * mean else { return nil }
            let v = eigen.vectors[i]
            return Twist(
                turn: SIMD3(v[0], v[1], v[2]), shift: SIMD3(v[3], v[4], v[5]),
                stiffness: max(0, eigen.values[i]) / mean)
        }
    }

    /// The motion along a twist that moves points at the radius by about `amount` (mm).
    func motion(_ twist: Twist, _ amount: Double) -> RigidTransform {
        let turn = RigidTransform(rotationVector: twist.turn * (amount / radius), translation: .zero)
        return RigidTransform(
            rotation: turn.rotation, translation: center + twist.shift * amount - turn.rotation * center)
    }

    /// The same space of motions by pure translations, then turns: the eigenvectors of equal eigenvalues are any
    /// mixture.
    func separated(_ twists: [Twist]) -> [Twist] {
        let m = twists.count
        guard m > 1 else { return twists }
        // Combinations by how much they turn.
        var gram = [Double](repeating: 0, count: m * m)
        for i in 0..<m {
            for j in 0..<m { gram[m * i + j] = dot(twists[i].turn, twists[j].turn) }
        }
        return JacobiEigen(gram, size: m).vectors.map { weights in
            var mixed = Twist(turn: .zero, shift: .zero, stiffness: 0)
            for (weight, twist) in zip(weights, twists) {
                mixed.turn += weight * twist.turn
                mixed.shift += weight * twist.shift
                mixed.stiffness += weight * weight * twist.stiffness
            }
            return mixed
        }
    }

    /// A twist as the user sees it: an axis and its place, or a direction.
    func describe(_ twist: Twist, keepsSurface: Bool) -> RegistrationQuality.FreeMotion {
        let turning = length(twist.turn)
        guard turning > 0.05 else {
            return RegistrationQuality.FreeMotion(
                kind: .translation, direction: twist.shift / length(twist.shift), center: center, pitch: 0,
                stiffness: twist.stiffness, keepsSurface: keepsSurface)
        }
        let axis = twist.turn / turning
        let speed = turning / radius
        let advance = dot(twist.shift, axis) / speed
        // Where the motion is along the axis only: center + (w x v) / |w|^2.
        let offset = cross(axis, twist.shift) / speed
        let isScrew = abs(advance) > 0.1 * radius
        return RegistrationQuality.FreeMotion(
            kind: isScrew ? .screw : .rotation, direction: axis, center: center + offset, pitch: isScrew ? advance : 0,
            stiffness: twist.stiffness, keepsSurface: keepsSurface)
    }
}
