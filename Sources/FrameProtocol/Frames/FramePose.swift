/// Where the sensor stood: p_cell = R(q) p_sensor + t.
public struct FramePose: Sendable, Equatable {
    /// t, in the frame's unit.
    public var translation: SIMD3<Double>
    /// q = (x, y, z, w), of any length but zero: it is normalised before use.
    public var quaternion: SIMD4<Double>

    public init(translation: SIMD3<Double>, quaternion: SIMD4<Double>) {
        self.translation = translation
        self.quaternion = quaternion
    }
}

/// A pose made ready for many points: the columns of R and t.
struct PoseTransform {
    private let column0: SIMD3<Double>
    private let column1: SIMD3<Double>
    private let column2: SIMD3<Double>
    private let translation: SIMD3<Double>

    /// Nil when a number is not finite or the quaternion's length is zero: such a pose says nothing.
    init?(_ pose: FramePose) {
        let largest = max(
            abs(pose.quaternion.x), abs(pose.quaternion.y), abs(pose.quaternion.z), abs(pose.quaternion.w))
        let finite =
            (0..<3).allSatisfy { pose.translation[$0].isFinite } && (0..<4).allSatisfy { pose.quaternion[$0].isFinite }
        guard finite, largest > 0 else { return nil }
        // Divided by the largest first, so that squares neither overflow nor vanish.
        let scaled = pose.quaternion / largest
        let q = scaled / (scaled * scaled).sum().squareRoot()
        column0 = [1 - 2 * (q.y * q.y + q.z * q.z), 2 * (q.x * q.y + q.z * q.w), 2 * (q.x * q.z - q.y * q.w)]
        column1 = [2 * (q.x * q.y - q.z * q.w), 1 - 2 * (q.x * q.x + q.z * q.z), 2 * (q.y * q.z + q.x * q.w)]
        column2 = [2 * (q.x * q.z + q.y * q.w), 2 * (q.y * q.z - q.x * q.w), 1 - 2 * (q.x * q.x + q.y * q.y)]
        translation = pose.translation
    }

    @inline(__always)
    func apply(_ point: SIMD3<Double>) -> SIMD3<Double> {
        column0 * point.x + column1 * point.y + column2 * point.z + translation
    }
}
