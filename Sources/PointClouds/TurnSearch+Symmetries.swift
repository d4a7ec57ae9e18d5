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
    /// - Returns: the poses related to `initial` by a symmetry that fit better, best first, not settled; at most `count`.
    public func related(
        _ symmetries: [RigidTransform], to initial: RigidTransform, of source: NeighborIndex, atMost count: Int
    ) -> [RigidTransform] {
        guard !symmetries.isEmpty else { return [] }
        let sample = source.sampleAlongCurve(settledPoints)
        let base = coarseCost(sample, initial)
        let fits = symmetries.map { symmetry in
            let pose = symmetry * initial
            return (pose, coarseCost(sample, pose))
        }
        // A pose that was not settled fits a little worse than it will.
        return Self.byCost(fits.filter { $0.1 < 1.1 * base + 0.002 }).prefix(count).map(\.transform)
    }
}
