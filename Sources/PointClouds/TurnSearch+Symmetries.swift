extension TurnSearch {
    /// Turns that lay the target nearly onto itself: where a part of its form may come to rest in a wrong pose, a tooth or
    /// a side off. Told once from the target, they are tried on every part at the cost of a few lookups each.
    ///
    /// About the principal axes in steps of 7.5 degrees, each mended by ICP, and what two of them about different axes give
    /// one after the other: a gear turned over and a tooth on.
    /// - Returns: by ascending cost, at most 96, no two of them within `3 coarseDistance` of each other or of none.
    /// - Complexity: 141 times ICP of 400 points, and as many lookups for each pair: 0.2 to 0.4 s on one thread.
    public func nearSymmetries() -> [RigidTransform] {
        let sample = target.index.sampleAlongCurve(400)
        guard let farthest = (sample.map { length(SIMD3<Double>($0) - centroid) }.max()) else { return [] }
        let corners = axes.flatMap { [centroid + farthest * $0, centroid - farthest * $0] }
        func isSame(_ a: RigidTransform, _ b: RigidTransform) -> Bool {
            corners.allSatisfy { length(a.apply($0) - b.apply($0)) <= 3 * Double(coarseDistance) }
        }
        var found: [(transform: RigidTransform, cost: Double)] = []
        func add(_ transform: RigidTransform) {
            let cost = coarseCost(sample, transform)
            guard cost < Self.nearCost, !isSame(transform, .identity) else { return }
            if let known = found.firstIndex(where: { isSame($0.transform, transform) }) {
                if cost < found[known].cost { found[known] = (transform, cost) }
            } else {
                found.append((transform, cost))
            }
        }
        var ends: [Int] = []
        for axis in axes {
            for number in 1..<48 {
                add(
                    target.refined(
                        sample, from: RigidTransform(axis: axis, degrees: 7.5 * Double(number), about: centroid),
                        reach: 4 * coarseDistance, final: coarseDistance, iterations: 12))
            }
            ends.append(found.count)
        }
        let simple = found.map(\.transform)
        for first in 0..<ends[1] {
            let axis = first < ends[0] ? 0 : 1
            for second in ends[axis]..<simple.count { add(simple[second] * simple[first]) }
        }
        return Self.byCost(found).prefix(96).map(\.transform)
    }

    /// Turned so the target still fits itself by half, as a cup does with its handle elsewhere.
    private static let nearCost = 0.5

    /// - Parameters:
    ///   - symmetries: of the target (`nearSymmetries`).
    ///   - initial: where `source` has come to rest.
    ///   - known: poses that need not be looked at again, nor what lies about as one of them.
    /// - Returns: the poses related to `initial` by a symmetry that fit about as well or better, best first, not
    ///   settled; at most `count`.
    public func related(
        _ symmetries: [RigidTransform], to initial: RigidTransform, of source: NeighborIndex, atMost count: Int,
        except known: [RigidTransform] = []
    ) -> [RigidTransform] {
        guard !symmetries.isEmpty else { return [] }
        let sample = source.sampleAlongCurve(settledPoints)
        let base = coarseCost(sample, initial)
        let center = sample.centroid
        func isKnown(_ pose: RigidTransform) -> Bool {
            known.contains {
                $0.isTurned(as: pose) && length($0.apply(center) - pose.apply(center)) <= 3 * Double(coarseDistance)
            }
        }
        let fits = symmetries.map { $0 * initial }.filter { !isKnown($0) }
            .map { (transform: $0, cost: coarseCost(sample, $0)) }
        // A pose that was not settled fits a little worse than it will.
        return Self.byCost(fits.filter { $0.cost < 1.1 * base + 0.002 }).prefix(count).map(\.transform)
    }
}

extension RigidTransform {
    /// Within two degrees: from such a pose ICP comes to rest in the same one.
    public func isTurned(as other: RigidTransform) -> Bool { (inverse * other).angle < 2 }
}
