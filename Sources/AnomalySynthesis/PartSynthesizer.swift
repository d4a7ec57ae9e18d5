public import ParallelLoops
public import PointClouds
internal import SeededRandom

/// Makes the scans of one part type, good and defective, out of its mesh (section 3 of the paper).
///
/// All is a function of the mesh, the class's name and the options: the same on any number of threads and on every
/// machine with IEEE 754 arithmetic, as no function of the C library is used but the square root.
public struct PartSynthesizer: Sendable {
    public let name: String
    public let options: SynthesisOptions
    /// mm.
    public let diagonal: Double
    /// Points of a scan, give or take 3 %.
    public let points: Int
    /// A point farther from the good surface is anomalous: max(3 sigma of the noise, half the mean distance between neighbours), mm.
    public let labelDistance: Double
    /// A point nearer to the border of missing surface is anomalous, mm.
    public let rimWidth: Double
    /// Standard deviation of an average scan's, mm.
    public let noise: Double
    public var plans: [SamplePlan]

    let base: SurfaceMesh
    let graph: SurfaceGraph
    let isSheet: Bool
    let area: Double
    let spacing: Double
    let seed: UInt64
    static let most = 400_000

    /// Scales the mesh, keeps what shows from outside, and divides it evenly.
    /// - Throws: if nothing usable is left of the mesh.
    /// - Complexity: O(T) for each of some hundred views, for T triangles no larger than the spacing of the points.
    public init(
        _ mesh: TriangleMesh, name: String, options: SynthesisOptions, workers: Workers = .all
    ) throws(SynthesisError) {
        self.name = name
        self.options = options
        var hash = FNV1a()
        hash.add(name.utf8)
        seed = SplitMix64.seed(options.seed, stream: hash.value)
        var random = SplitMix64(seed: seed)
        diagonal = random.uniform(in: options.diagonal)
        points = options.points.lowerBound + random.next(below: options.points.count)
        guard var whole = SurfaceMesh(mesh, diagonal: diagonal) else {
            throw SynthesisError(
                message: "expected triangles with an area, found none of \(mesh.triangles.count) that has one; "
                    + "name a mesh of a part")
        }
        let size = whole.bounds.high - whole.bounds.low
        guard size.min() > 0.005 * diagonal else {
            throw SynthesisError(
                message: "expected a part with some thickness, found one of \(Int(size.max())) mm and "
                    + "\(size.min()) mm; name a mesh that is not flat")
        }
        // As fine as the views from outside need; then as the points do, of what shows.
        let pixel = 1.02 * diagonal / Double(OutsideSurface.pixels)
        func refine(_ mesh: inout SurfaceMesh, _ edge: Double) {
            var parents = [Int32](repeating: 0, count: mesh.triangles.count)
            mesh.refine(limit: { _ in edge }, parents: &parents, most: Self.most)
        }
        refine(&whole, max(5 * pixel, (whole.area / 60_000).squareRoot()))
        guard let outside = OutsideSurface.of(whole, workers: workers) else {
            throw SynthesisError(
                message: "expected surface that shows from outside, found none; name a mesh of a part")
        }
        var shown = outside.mesh
        isSheet = outside.isSheet
        area = shown.area
        spacing = (area / Double(points)).squareRoot()
        refine(&shown, max(1.3 * spacing, (area / 60_000).squareRoot()))
        base = shown
        graph = SurfaceGraph(shown)
        let range = DefectRanges.noise
        noise = (range.lowerBound + range.upperBound) / 2 * diagonal
        rimWidth = max(DefectRanges.rim.spacings * spacing, DefectRanges.rim.diagonal * diagonal)
        guard let scan = SurfaceScan.uniform(shown, count: points, noise: noise, &random) else {
            throw SynthesisError(message: "expected a surface to sample, found none; name a mesh of a part")
        }
        let cloud = scan.points.map { SIMD3<Float>($0) }
        let nearest = NeighborIndex(cloud, workers: workers).nearestOfAll(2, workers: workers)
        let sum = cloud.indices.reduce(0.0) { sum, i in
            sum + length(scan.points[i] - scan.points[Int(nearest.indices[2 * i + 1])])
        }
        labelDistance = max(3 * noise, 0.5 * sum / Double(cloud.count))
        let good = options.good.lowerBound + random.next(below: options.good.count)
        let defects = options.defects.lowerBound + random.next(below: options.defects.count)
        plans = (0..<SynthesisOptions.trainingParts).map {
            SamplePlan(name: "\(name)_template\($0)", isTraining: true, kind: nil, number: $0)
        }
        plans += (0..<good).map { SamplePlan(name: "\(name)_positive\($0)", isTraining: false, kind: nil, number: $0) }
        let kinds = DefectKind.allCases
        plans += (0..<defects).map {
            let (kind, number) = (kinds[$0 % kinds.count], $0 / kinds.count)
            return SamplePlan(name: "\(name)_\(kind.rawValue)\(number)", isTraining: false, kind: kind, number: number)
        }
    }

    /// Draws tried for a defect before it is given up.
    static let tries = 40

    /// Makes one sample.
    /// - Throws: if in 40 draws no defect had a share of anomalous points within the stated range.
    public func sample(_ plan: SamplePlan) throws(SynthesisError) -> SynthesizedSample {
        var hash = FNV1a()
        hash.add(plan.name.utf8)
        var random = SplitMix64(seed: SplitMix64.seed(seed, stream: hash.value))
        var good = base
        vary(&good, &random)
        let count = Int(Double(points) * random.uniform(in: 0.97...1.03))
        let eyes = self.eyes(plan, &random)
        let pose = drawPose(&random)
        let noise = random.uniform(in: DefectRanges.noise) * diagonal
        guard let kind = plan.kind else {
            guard let scan = scan(good, eyes: eyes, count: count, noise: noise, &random) else { throw unseen(plan) }
            let labels = [Bool](repeating: false, count: scan.points.count)
            return finished(plan, scan, labels, defect: nil, pose: pose)
        }
        var carver = carver(good, eyes: options.scanner == .singleView ? eyes : nil)
        let ranges = carver.ranges
        var shares: [Double] = []
        for _ in 0..<Self.tries {
            guard let part = carver.carve(kind, &random),
                let scan = scan(part.mesh, eyes: eyes, count: count, noise: noise, &random)
            else { continue }
            let labels = self.labels(scan, of: part)
            let share = Double(labels.count { $0 }) / Double(labels.count)
            shares.append(share)
            guard ranges.accepted.contains(share) else {
                // 1.25: the next draw is nearer, and no place is favoured.
                carver.boost = min(max(carver.boost * (share < ranges.accepted.lowerBound ? 1.25 : 0.8), 0.3), 4)
                continue
            }
            let (center, size) = part.extent()
            let defect = DatasetManifest.Defect(
                kind: kind, center: list(pose.apply(center)), size: size, depth: part.depth)
            return finished(plan, scan, labels, defect: defect, pose: pose)
        }
        let range = "\(ranges.accepted.lowerBound * 100) to \(ranges.accepted.upperBound * 100) %"
        let found = shares.isEmpty ? "no place for it" : "\((shares.min()! * 100)) to \((shares.max()! * 100)) %"
        throw SynthesisError(
            message: "\(plan.name): expected \(range) of the points anomalous, found \(found) in \(Self.tries) draws; "
                + "give more points (--points), or a mesh of a more compact part")
    }

    private func unseen(_ plan: SamplePlan) -> SynthesisError {
        SynthesisError(
            message: "\(plan.name): expected surface that the scanner sees, found none; name a mesh of a closed part")
    }

    private func list(_ p: SIMD3<Double>) -> [Double] { [p.x, p.y, p.z] }

    private func finished(
        _ plan: SamplePlan, _ scan: SurfaceScan, _ labels: [Bool], defect: DatasetManifest.Defect?,
        pose: RigidTransform
    ) -> SynthesizedSample {
        let rows = pose.rotation.rows
        let t = pose.translation
        let matrix = list(rows.0) + [t.x] + list(rows.1) + [t.y] + list(rows.2) + [t.z] + [0, 0, 0, 1]
        let record = DatasetManifest.Sample(
            name: plan.name, isTraining: plan.isTraining, points: labels.count,
            anomalousPoints: labels.count { $0 }, defect: defect, pose: matrix)
        return SynthesizedSample(
            points: scan.points.map { SIMD3<Float>(pose.apply($0)) }, isAnomalous: labels, record: record)
    }
}
