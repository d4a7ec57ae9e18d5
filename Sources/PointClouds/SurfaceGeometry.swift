/// Normal and curvature of a surface at each point of a cloud, from the covariance of its nearest neighbours.
public struct SurfaceGeometry: Sendable, Equatable {
    /// Which ratio of the covariance's eigenvalues l0 <= l1 <= l2 is called curvature.
    public enum CurvatureMeasure: String, Sendable, Codable {
        /// l0 / (l0 + l1 + eps), of the two smallest: 0 on a plane, at most 0.5 (IMRNet, eq. 2).
        case smallestPair
        /// l0 / (l0 + l1 + l2), at most 1/3 (Pauly 2002).
        case surfaceVariation
    }

    /// Unit eigenvectors of the smallest eigenvalue; their sign carries no meaning (the component of largest magnitude
    /// is positive). Zero at points that are not finite. Shape [N].
    public let normals: [SIMD3<Float>]
    /// Curvature, without unit. Shape [N].
    public let curvatures: [Float]

    public init(normals: [SIMD3<Float>], curvatures: [Float]) {
        precondition(normals.count == curvatures.count)
        self.normals = normals
        self.curvatures = curvatures
    }
}
