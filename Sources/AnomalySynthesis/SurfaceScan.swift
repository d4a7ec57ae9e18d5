internal import PointClouds
internal import SeededRandom

/// A scan: places on the surface, and where the scanner put them.
struct SurfaceScan: Sendable {
    /// On the surface, without noise: labels are told from these. Shape [N].
    var places: [SIMD3<Double>]
    /// With noise, and for a few with a gross error. Shape [N].
    var points: [SIMD3<Double>]
    /// The triangle that each is on. Shape [N].
    var triangles: [Int32]

    /// In an order that tells nothing.
    mutating func shuffle(_ random: inout SplitMix64) {
        var order = Array(points.indices)
        random.shuffle(&order)
        self = SurfaceScan(
            places: order.map { places[$0] }, points: order.map { points[$0] }, triangles: order.map { triangles[$0] })
    }

    /// Evenly over the whole surface, stratified by area, with noise of equal size in all directions.
    static func uniform(_ mesh: SurfaceMesh, count: Int, noise: Double, _ random: inout SplitMix64) -> SurfaceScan? {
        guard let flat = try? mesh.triangleMesh else { return nil }
        let samples = MeshSampling.uniform(flat, count: count, seed: random.next())
        guard samples.points.count == count else { return nil }
        let places = samples.points.map { SIMD3<Double>($0) }
        var scan = SurfaceScan(places: places, points: places, triangles: samples.triangles)
        for i in places.indices {
            scan.points[i] += SIMD3(random.nearlyNormal(), random.nearlyNormal(), random.nearlyNormal()) * noise
        }
        scan.shuffle(&random)
        return scan
    }

    /// Scan lines from several places: lines two points apart, denser where the sensor is near, thin where the surface is
    /// seen at a grazing angle, noise along the line of sight, and up to five gross errors.
    /// - Parameters:
    ///   - eyes: where the sensor stands.
    ///   - isSheet: surface shows from both sides.
    static func lines(
        _ mesh: SurfaceMesh, from eyes: [SIMD3<Double>], count: Int, diagonal: Double, noise: Double,
        isSheet: Bool, _ random: inout SplitMix64
    ) -> SurfaceScan? {
        let rolls = eyes.map { _ in random.unit() * 2 * .pi }
        func scan(_ size: Int) -> SurfaceScan {
            var result = SurfaceScan(places: [], points: [], triangles: [])
            for (eye, roll) in zip(eyes, rolls) {
                let camera = DepthBuffer.Camera(
                    eye: eye, target: .zero, radius: 0.55 * diagonal, size: size, roll: roll)
                let buffer = DepthBuffer(mesh, camera: camera)
                for y in stride(from: 0, to: size, by: 2) {
                    for x in 0..<size {
                        let index = buffer.triangle[y * size + x]
                        guard index >= 0 else { continue }
                        let ray = buffer.ray(x: x, y: y)
                        let (a, b, c) = mesh.corners(Int(index))
                        let normal = cross(b - a, c - a)
                        let along = dot(ray, normal)
                        guard (isSheet ? along.magnitude : -along) > 0.15 * length(ray) * length(normal) else {
                            continue
                        }
                        result.places.append(eye + ray * (dot(a - eye, normal) / along))
                        result.points.append(ray / length(ray))
                        result.triangles.append(index)
                    }
                }
            }
            return result
        }
        // One coarse pass tells how fine the lines must be.
        let coarse = 96
        let found = scan(coarse).places.count
        guard found > 20 else { return nil }
        var size = Int((Double(coarse) * (1.1 * Double(count) / Double(found)).squareRoot()).rounded(.up))
        var full = scan(size)
        while full.places.count < count {
            size += size / 8 + 1
            guard size < 4000 else { return nil }
            full = scan(size)
        }
        var order = Array(full.places.indices)
        random.shuffle(&order)
        order.removeLast(order.count - count)
        var result = SurfaceScan(
            places: order.map { full.places[$0] }, points: order.map { full.points[$0] },
            triangles: order.map { full.triangles[$0] })
        for i in result.points.indices {
            result.points[i] = result.places[i] + result.points[i] * (noise * random.nearlyNormal())
        }
        for _ in 0..<random.next(below: 6) {
            let i = random.next(below: count)
            let error = random.uniform(in: 0.005...0.03) * diagonal * (random.unit() < 0.5 ? -1 : 1)
            result.points[i] += normalized(result.points[i]) * error
        }
        return result
    }
}
