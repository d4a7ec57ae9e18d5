/// How a cloud was brought onto another.
public struct Registration: Sendable, Equatable {
    /// Source -> target.
    public var transform: RigidTransform
    /// Share of the source points that end nearer than the inlier distance to a target point, 0 to 1.
    public var fitness: Double
    /// Root mean square distance of those points to the tangent planes of the target, mm; 0 if there are none.
    public var rmse: Double
    /// Iterations of both stages.
    public var iterations: Int
    /// The last motion was below the tolerance before the iterations ran out.
    public var converged: Bool

    public init(transform: RigidTransform, fitness: Double, rmse: Double, iterations: Int, converged: Bool) {
        self.transform = transform
        self.fitness = fitness
        self.rmse = rmse
        self.iterations = iterations
        self.converged = converged
    }
}
