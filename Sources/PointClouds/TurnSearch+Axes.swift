extension TurnSearch {
    /// Poses that lay a whole part's principal axes along the target's, centroid on centroid: a start for what has few
    /// landmarks that histograms could match, as a bowl.
    ///
    /// All 24 ways, as axes of nearly equal spread may change places; each is mended by a little ICP.
    /// - Returns: the `count` that lie best, best first, not settled.
    /// - Complexity: 24 times ICP of `judgedPoints`, a third of what `candidates` tries.
    public func alongAxes(_ source: NeighborIndex, atMost count: Int) -> [RigidTransform] {
        let sample = source.sampleAlongCurve(2000), judged = source.sampleAlongCurve(judgedPoints)
        let center = sample.centroid
        let own = Self.rightHanded(sample.principalAxes(about: center)).transpose
        let taught = Self.rightHanded(axes)
        let poses = Self.axisRotations.map { turn in
            let rotation = taught * turn * own
            let start = RigidTransform(rotation: rotation, translation: centroid - rotation * center)
            return mended(judged, from: start)
        }
        return Self.byCost(poses).prefix(count).map(\.transform)
    }

    /// Three axes as columns, the third turned round where they are left-handed.
    private static func rightHanded(_ axes: [SIMD3<Double>]) -> Matrix3 {
        Matrix3(rows: axes[0], axes[1], cross(axes[0], axes[1])).transpose
    }

    /// The rotations of a cube: signed permutations of the axes, without mirrors.
    private static let axisRotations: [Matrix3] = {
        let units: [SIMD3<Double>] = [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
        let directions = units.flatMap { [$0, -$0] }
        return directions.flatMap { first in
            directions.filter { dot(first, $0) == 0 }.map { second in
                Matrix3(rows: first, second, cross(first, second))
            }
        }
    }()
}
