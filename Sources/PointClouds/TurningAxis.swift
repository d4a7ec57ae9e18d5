/// The axis about which a surface nearly turns into itself, told from a piece of it: that of a jar from one side of the jar.
///
/// The turn along which the surface slides with the least resistance, as in slippage analysis (Gelfand and Guibas 2004), but
/// weighted so that what sticks out, as handles and spouts do, does not hide it (Geman and McClure), and over turns only: a
/// straight tube slides along its axis just as well.
public struct TurningAxis: Sendable {
    /// Of unit length.
    public let direction: SIMD3<Double>
    /// A point on the axis, mm.
    public let center: SIMD3<Double>
    /// Share of the surface that resists, 0 to 1.
    public let resistance: Double

    /// Sines of the angle between a normal and the motion: from what counts as resistance at first to what does in the end.
    private static let widths = [0.4, 0.3, 0.2, 0.14, 0.1, 0.07, 0.05, 0.05, 0.05, 0.05]
    /// The same for `resistance`: normals of a scan scatter by as much.
    private static let noise = 0.1
    /// Where more than this resists there is no axis worth the name.
    private static let mostResistance = 0.6

    /// - Parameter normals: of unit length and any sign. Shape of `points`.
    /// - Returns: `nil` for a surface that turns about no axis.
    /// - Complexity: O(N), thirty passes.
    public init?(_ points: [SIMD3<Float>], normals: [SIMD3<Float>]) {
        let middle = points.centroid
        let radius =
            (points.reduce(0.0) { $0 + length(squared: SIMD3<Double>($1) - middle) } / Double(max(1, points.count)))
            .squareRoot()
        guard radius > 0 else { return nil }
        let rows = zip(points, normals).map { point, normal -> Row in
            let normal = SIMD3<Double>(normal)
            return Row(turn: cross(SIMD3<Double>(point) - middle, normal) / radius, shift: normal)
        }
        let starts = Motions(rows, weights: rows.map { _ in 1 }).turns
        let found = starts.map { Self.settled(rows, from: $0) }
        guard let best = found.min(by: { $0.resistance < $1.resistance }), best.resistance <= Self.mostResistance else {
            return nil
        }
        direction = best.twist.turn
        // Where the motion is along the axis only.
        center = middle + cross(best.twist.turn, best.twist.shift) * radius
        resistance = best.resistance
    }

    /// A turn about the axis.
    public func turn(degrees: Double) -> RigidTransform {
        RigidTransform(axis: direction, degrees: degrees, about: center)
    }

    private static func settled(_ rows: [Row], from start: Twist) -> (twist: Twist, resistance: Double) {
        var twist = start
        for width in widths {
            let weights = rows.map { row in
                let scaled = twist.along(row) / width
                return 1 / ((1 + scaled * scaled) * (1 + scaled * scaled))
            }
            let turns = Motions(rows, weights: weights).turns
            guard let next = turns.max(by: { abs(dot($0.turn, twist.turn)) < abs(dot($1.turn, twist.turn)) }) else {
                break
            }
            twist = next
        }
        let resisting = rows.reduce(0.0) { sum, row in
            let scaled = twist.along(row) / noise
            return sum + scaled * scaled / (1 + scaled * scaled)
        }
        return (twist, resisting / Double(max(1, rows.count)))
    }
}

/// How a turn about the middle and a shift move a point along its normal.
private struct Row {
    /// By the radius.
    let turn: SIMD3<Double>
    let shift: SIMD3<Double>
}

private struct Twist {
    /// Of unit length.
    let turn: SIMD3<Double>
    /// In radii.
    let shift: SIMD3<Double>

    func along(_ row: Row) -> Double { dot(row.turn, turn) + dot(row.shift, shift) }
}

/// The turns of a surface, each with the shift that makes it resist least.
private struct Motions {
    let turns: [Twist]
    /// Of the mean, so that a surface that slides straight keeps its place.
    private static let damping = 1e-3

    init(_ rows: [Row], weights: [Double]) {
        var turning = [Double](repeating: 0, count: 9), mixed = turning, shifting = turning
        for (row, weight) in zip(rows, weights) {
            for a in 0..<3 {
                for b in 0..<3 {
                    turning[3 * a + b] += weight * row.turn[a] * row.turn[b]
                    mixed[3 * a + b] += weight * row.turn[a] * row.shift[b]
                    shifting[3 * a + b] += weight * row.shift[a] * row.shift[b]
                }
            }
        }
        let damping = Self.damping * (shifting[0] + shifting[4] + shifting[8]) / 3
        let shifts = JacobiEigen(shifting, size: 3)
        /// The shift that answers a push.
        func answer(_ push: SIMD3<Double>) -> SIMD3<Double> {
            zip(shifts.values, shifts.vectors).reduce(.zero) { sum, pair in
                let axis = SIMD3(pair.1[0], pair.1[1], pair.1[2])
                return sum - axis * (dot(axis, push) / max(pair.0 + damping, .leastNormalMagnitude))
            }
        }
        let answers = (0..<3).map { a in answer(SIMD3(mixed[3 * a], mixed[3 * a + 1], mixed[3 * a + 2])) }
        // The Schur complement: what is left of the resistance after the best shift.
        var left = turning
        for a in 0..<3 {
            for b in 0..<3 { for k in 0..<3 { left[3 * a + b] += mixed[3 * a + k] * answers[b][k] } }
        }
        turns = JacobiEigen(left, size: 3).vectors.map { v in
            Twist(
                turn: SIMD3(v[0], v[1], v[2]), shift: v[0] * answers[0] + v[1] * answers[1] + v[2] * answers[2])
        }
    }
}

private func length(squared offset: SIMD3<Double>) -> Double { dot(offset, offset) }
