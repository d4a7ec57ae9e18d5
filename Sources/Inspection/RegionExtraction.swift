import PointClouds

/// Finds the connected pieces of a map that stand out.
struct RegionExtraction: Sendable {
    /// A region holds at least one entry at or above this fused score ...
    var seedLevel: Float
    /// ... and grows over neighbours at or above this one.
    var growLevel: Float
    /// Entries closer than this belong together, mm.
    var radius: Float
    /// Smaller pieces are noise.
    var minimumPoints = 5
    /// Most regions reported, by descending peak.
    var maximumRegions = 16

    /// - Parameters:
    ///   - areas: surface area in mm² that each entry of the map stands for.
    ///   - tolerance: deviation in mm below which the direction of a change is not told.
    /// - Returns: regions by descending peak; where only pieces below `minimumPoints` stand out, the strongest of them.
    func regions(in map: ScoreMap, areas: [Float], tolerance: Float) -> [Region] {
        let members = map.fused.indices.filter { map.fused[$0] >= growLevel }
        guard !members.isEmpty else { return [] }
        let places = members.map { map.points[$0] }
        let labels = ConnectedComponents.labels(places, radius: radius).labels
        var pieces: [Int32: [Int]] = [:]
        for (member, label) in zip(members, labels) { pieces[label, default: []].append(member) }
        let standing = pieces.values.filter { piece in piece.contains { map.fused[$0] >= seedLevel } }
        let large = standing.filter { $0.count >= minimumPoints }
        let chosen = large.isEmpty ? Array(standing.sorted(by: { isStronger($0, $1, map) }).prefix(1)) : large
        return chosen.sorted { isStronger($0, $1, map) }.prefix(maximumRegions).enumerated().map { rank, piece in
            describe(piece, id: rank + 1, in: map, areas: areas, tolerance: tolerance)
        }
    }

    private func isStronger(_ a: [Int], _ b: [Int], _ map: ScoreMap) -> Bool {
        let peakA = a.reduce(Float(0)) { max($0, map.fused[$1]) }, peakB = b.reduce(Float(0)) { max($0, map.fused[$1]) }
        return (peakA, Float(a.count), -a[0]) > (peakB, Float(b.count), -b[0])
    }

    private func describe(_ piece: [Int], id: Int, in map: ScoreMap, areas: [Float], tolerance: Float) -> Region {
        let places = piece.map { map.points[$0] }
        var weighted = SIMD3<Double>.zero, weights = 0.0, peak: Float = 0
        for (entry, place) in zip(piece, places) {
            let weight = Double(map.fused[entry])
            weighted += SIMD3<Double>(place) * weight
            weights += weight
            peak = max(peak, map.fused[entry])
        }
        let kind = kind(of: piece, map, tolerance)
        return Region(
            id: id,
            centroid: SIMD3<Float>(weighted / max(weights, .leastNormalMagnitude)),
            box: OrientedBoundingBox(places),
            area: Float(SurfaceArea.estimate(areas, subset: piece.map(Int32.init))),
            points: piece.count,
            peak: peak,
            mean: Float(weights / Double(piece.count)),
            deviation: signedDeviation(piece, map, as: kind),
            kind: kind)
    }

    /// The measured deviation of the largest magnitude, the outer twentieth set aside; of excess only what stands out, of
    /// what is missing only what lies back, as a bend has both.
    private func signedDeviation(_ piece: [Int], _ map: ScoreMap, as kind: Region.Kind) -> Float? {
        guard !map.deviations.isEmpty else { return nil }
        let measured = piece.map { map.deviations[$0] }.filter { value in
            switch kind {
            case .excess: value > 0
            case .missing: value < 0
            case .surface: value.isFinite
            }
        }.sorted { abs($0) > abs($1) }
        return measured.isEmpty ? nil : measured[measured.count / 20]
    }

    /// Excess or missing by the scores' weight on each side; a change without direction below half of the weight.
    private func kind(of piece: [Int], _ map: ScoreMap, _ tolerance: Float) -> Region.Kind {
        guard !map.deviations.isEmpty else { return .surface }
        var excess = 0.0, missing = 0.0, total = 0.0
        for entry in piece {
            let weight = Double(map.fused[entry])
            total += weight
            if entry >= map.partPointCount || map.deviations[entry] < -tolerance {
                missing += weight
            } else if map.deviations[entry] > tolerance {
                excess += weight
            }
        }
        if max(excess, missing) < total / 2 { return .surface }
        return excess > missing ? .excess : .missing
    }
}

extension PartModel {
    /// Where a part that failed is wrong.
    func regions(in map: ScoreMap, of part: PreparedPart, threshold: Float) -> [Region] {
        let spreads = calibration.statistics[.deviation]?.deviations ?? []
        let tolerance = spreads.reduce(0, +) / Float(max(1, spreads.count))
        let spacing = template.surface.spacing
        let extraction = RegionExtraction(
            seedLevel: threshold, growLevel: 0.7 * threshold, radius: 2.5 * max(part.spacing, spacing))
        let areas =
            SurfaceArea.ofPoints(part.neighbors)
            + [Float](repeating: spacing * spacing, count: map.points.count - map.partPointCount)
        return extraction.regions(in: map, areas: areas, tolerance: 2 * tolerance)
    }
}
