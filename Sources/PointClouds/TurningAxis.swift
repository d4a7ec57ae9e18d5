/// The axis about which a surface nearly turns into itself, told from a piece of it: that of a jar from one side of the jar.
///
/// The turn that the surface resists least (`SlippageAnalysis`); features that stick out do not hide it.
public struct TurningAxis: Sendable {
    /// Of unit length.
    public let direction: SIMD3<Double>
    /// A point on the axis, mm.
    public let center: SIMD3<Double>

    /// - Parameter normals: of unit length and any sign. Shape of `points`.
    /// - Returns: `nil` for a surface that turns about no axis.
    /// - Complexity: O(N).
    public init?(_ points: [SIMD3<Float>], normals: [SIMD3<Float>]) {
        let slippage = SlippageAnalysis(points) { normals[$0] }
        let turns = slippage.separated(slippage.suspects).map { slippage.describe($0, keepsSurface: false) }
        guard let softest = turns.filter({ $0.kind == .rotation }).min(by: { $0.stiffness < $1.stiffness }) else {
            return nil
        }
        direction = softest.direction
        center = softest.center
    }

    /// A turn about the axis.
    public func turn(degrees: Double) -> RigidTransform {
        RigidTransform(axis: direction, degrees: degrees, about: center)
    }
}
