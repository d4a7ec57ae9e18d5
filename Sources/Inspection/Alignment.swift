import ParallelLoops
import PointClouds

/// Brings an arriving part into the taught frame.
enum Alignment {
    /// A fit this good leaves nothing for another start to find: what is off the surface is a defect.
    private static let goodFitness = 0.95
    /// And so near to the surface, as a share of the distance within which points count. A round part in a wrong pose may
    /// lie within that distance nearly everywhere.
    private static let goodRmse = 0.25

    /// Registers `part` to `surface` by ICP: with its centroid moved onto the surface's, and if that does not fit well
    /// also as it arrived. The better fit is kept, the first on a tie.
    static func register(_ part: PreparedPart, to surface: ReferenceSurface, workers: Workers) -> Registration {
        let shift = surface.centroid - part.centroid
        let moved = fit(part, to: surface, from: RigidTransform(translation: shift), workers)
        guard !isGood(moved, on: surface) else { return moved }
        let arrived = fit(part, to: surface, from: .identity, workers)
        return arrived.isBetter(than: moved) ? arrived : moved
    }

    /// The same from any pose: where those two starts do not fit well, histograms of the two surfaces are matched
    /// (`GlobalRegistration`).
    ///
    /// A pose found so must fit clearly better. A part that lies as it was taught, with a defect, stays there: turned
    /// over, a nearly symmetric one might hide it.
    static func registerFromAnyPose(
        _ part: PreparedPart, to surface: ReferenceSurface, target: @autoclosure () -> RegistrationTarget,
        minimumFitness: Double, workers: Workers
    ) -> Registration {
        let near = register(part, to: surface, workers: workers)
        guard !isGood(near, on: surface) else { return near }
        var options = GlobalRegistration.Options()
        options.triesPosesFirst = false
        options.minimumFitness = minimumFitness
        options.workers = workers
        let found = GlobalRegistration.register(source: part.points, target: target(), options: options)
        guard found.quality.isInspectable else { return near }
        let far = fit(part, to: surface, from: found.registration.transform, workers)
        let isClear =
            far.fitness > near.fitness + 0.02 || (far.fitness > near.fitness - 0.02 && far.rmse < 0.7 * near.rmse)
        return isClear ? far : near
    }

    private static func isGood(_ registration: Registration, on surface: ReferenceSurface) -> Bool {
        registration.fitness >= goodFitness
            && registration.rmse <= goodRmse * Double(inlierDistance(surface.spacing))
    }

    private static func fit(
        _ part: PreparedPart, to surface: ReferenceSurface, from start: RigidTransform, _ workers: Workers
    ) -> Registration {
        var options = IterativeClosestPoint.Options()
        options.inlierDistance = inlierDistance(surface.spacing)
        options.workers = workers
        return IterativeClosestPoint.pointToPlane(
            source: part.index, target: surface.index, targetNormals: surface.normals, initial: start,
            options: options)
    }

    /// Farther than this from the surface, a point does not speak for the registration: mm.
    static func inlierDistance(_ spacing: Float) -> Float { 2 * spacing + 0.5 }
}

extension ReferenceSurface {
    /// What parts in any pose are registered to.
    func registrationTarget(workers: Workers) -> RegistrationTarget {
        RegistrationTarget(index: index, normals: normals, workers: workers)
    }
}

extension [SIMD3<Float>] {
    /// Their mean; the origin of none.
    var centroid: SIMD3<Double> {
        var sum = SIMD3<Double>.zero
        for point in self { sum += SIMD3<Double>(point) }
        return sum / Double(Swift.max(1, count))
    }
}

extension Registration {
    /// More of the part on the surface; among equals (to a thousandth) the smaller residual.
    fileprivate func isBetter(than other: Registration) -> Bool {
        if abs(fitness - other.fitness) > 0.001 { return fitness > other.fitness }
        return rmse < other.rmse
    }
}
