import Foundation

/// A rotation followed by a translation: p -> R p + t, in mm.
public struct RigidTransform: Sendable, Equatable {
    public var rotation: Matrix3
    /// In mm.
    public var translation: SIMD3<Double>

    public init(rotation: Matrix3 = .identity, translation: SIMD3<Double> = .zero) {
        self.rotation = rotation
        self.translation = translation
    }

    public static let identity = RigidTransform()

    /// From a quaternion (x, y, z, w) of any length; one of length 0 or not finite gives no rotation.
    public init(quaternion: SIMD4<Double>, translation: SIMD3<Double> = .zero) {
        // By the largest component first: the squares neither overflow nor vanish.
        let largest = quaternion.replacing(with: -quaternion, where: quaternion .< 0).max()
        guard largest > 0, (quaternion * 0).sum() == 0 else {
            self.init(translation: translation)
            return
        }
        let scaled = quaternion / largest
        let q = scaled / (scaled * scaled).sum().squareRoot()
        let (x, y, z, w) = (q.x, q.y, q.z, q.w)
        self.init(
            rotation: Matrix3(
                rows: SIMD3(1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
                SIMD3(2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
                SIMD3(2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y))),
            translation: translation)
    }

    /// A turn by `degrees` about `axis` (of any length but 0, which gives no rotation), through the origin.
    public init(axis: SIMD3<Double>, degrees: Double, translation: SIMD3<Double> = .zero) {
        let size = length(axis)
        let half = degrees * .pi / 360
        let v = size > 0 ? axis / size * sin(half) : .zero
        self.init(quaternion: SIMD4(v, size > 0 ? cos(half) : 1), translation: translation)
    }

    /// A turn by `degrees` about the line through `center` along `axis`.
    init(axis: SIMD3<Double>, degrees: Double, about center: SIMD3<Double>) {
        let turn = RigidTransform(axis: axis, degrees: degrees)
        self.init(rotation: turn.rotation, translation: center - turn.rotation * center)
    }

    /// From a rotation vector, in radians, as the solution of a linearised fit: exact for any size.
    init(rotationVector v: SIMD3<Double>, translation: SIMD3<Double>) {
        self.init(axis: v, degrees: length(v) * 180 / .pi, translation: translation)
    }

    @inlinable
    public func apply(_ point: SIMD3<Double>) -> SIMD3<Double> { rotation * point + translation }

    /// Computed in Double, rounded once.
    @inlinable
    public func apply(_ point: SIMD3<Float>) -> SIMD3<Float> { SIMD3<Float>(apply(SIMD3<Double>(point))) }

    public func apply(_ points: [SIMD3<Float>]) -> [SIMD3<Float>] { points.map { apply($0) } }

    /// Rotates without moving: for normals.
    public func rotate(_ direction: SIMD3<Float>) -> SIMD3<Float> {
        SIMD3<Float>(rotation * SIMD3<Double>(direction))
    }

    public var inverse: RigidTransform {
        let back = rotation.transpose
        return RigidTransform(rotation: back, translation: -(back * translation))
    }

    /// First `b`, then `a`.
    public static func * (a: RigidTransform, b: RigidTransform) -> RigidTransform {
        RigidTransform(rotation: a.rotation * b.rotation, translation: a.apply(b.translation))
    }

    /// The angle of the rotation, 0 to 180 degrees.
    public var angle: Double {
        let q = quaternion
        return 2 * atan2(length(SIMD3(q.x, q.y, q.z)), abs(q.w)) * 180 / .pi
    }

    /// Unit quaternion (x, y, z, w) with w >= 0 (Shepperd 1978: by the largest of the four, so that none is lost).
    public var quaternion: SIMD4<Double> {
        let (a, b, c) = rotation.rows
        let trace = a.x + b.y + c.z
        var q: SIMD4<Double>
        if trace >= max(a.x, b.y, c.z) {
            q = SIMD4(c.y - b.z, a.z - c.x, b.x - a.y, 1 + trace)
        } else if a.x >= max(b.y, c.z) {
            q = SIMD4(1 + a.x - b.y - c.z, a.y + b.x, a.z + c.x, c.y - b.z)
        } else if b.y >= c.z {
            q = SIMD4(a.y + b.x, 1 - a.x + b.y - c.z, b.z + c.y, a.z - c.x)
        } else {
            q = SIMD4(a.z + c.x, b.z + c.y, 1 - a.x - b.y + c.z, b.x - a.y)
        }
        q /= (q * q).sum().squareRoot()
        return q.w < 0 ? -q : q
    }
}
