/// AUPRO: area under the curve of mean overlap with the true regions over the rate of false-positive points (Bergmann et
/// al., MVTec AD, 2019), up to a limit of that rate, divided by the limit.
///
/// Every true region counts the same, however large. Steps between distinct scores are joined by straight lines, as is the
/// step that crosses the limit.
struct RegionOverlapCurve {
    static let limit = 0.3

    /// True regions, and normal points, in all.
    private let regions: Double, normals: Double
    private var overlap = 0.0, rate = 0.0, area = 0.0

    init(regions: Double, normals: Double) {
        self.regions = regions
        self.normals = normals
    }

    /// Adds the next lower level.
    /// - Parameters:
    ///   - covered: sum over the level's points in true regions of 1 / size of their region.
    ///   - normals: the level's points outside.
    mutating func add(covered: Double, normals count: Double) {
        let nextOverlap = overlap + covered / regions, nextRate = rate + count / normals
        if rate < Self.limit, nextRate > rate {
            let end = min(nextRate, Self.limit)
            let atEnd = overlap + (nextOverlap - overlap) * (end - rate) / (nextRate - rate)
            area += (end - rate) * (overlap + atEnd) / 2
        }
        (overlap, rate) = (nextOverlap, nextRate)
    }

    /// `nil` where there is no region or no normal point.
    var value: Double? { regions > 0 && normals > 0 ? area / Self.limit : nil }
}
