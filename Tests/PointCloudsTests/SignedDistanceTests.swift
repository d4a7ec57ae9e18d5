import Foundation
import ParallelLoops
import PointClouds
import SeededRandom
import Testing

/// Signed distances from points to a surface and back: closed forms, and the definition by all pairs.
@Suite struct SignedDistanceTests {
    /// Points on a sphere with their exact normals, evenly spread along a spiral (Fibonacci's lattice).
    private static func sphere(_ n: Int, radius: Float) -> OrientedSurface {
        let normals = (0..<n).map { i -> SIMD3<Float> in
            let z = 1 - (2 * Double(i) + 1) / Double(n)
            let angle = Double(i) * .pi * (3 - 5.0.squareRoot())
            let r = (1 - z * z).squareRoot()
            return SIMD3(Float(r * cos(angle)), Float(r * sin(angle)), Float(z))
        }
        let spacing = (4 * .pi * radius * radius / Float(n)).squareRoot()
        return OrientedSurface(points: normals.map { $0 * radius }, normals: normals, spacing: spacing)
    }

    /// A square lattice of steps of 1 mm, `side` mm wide about the z axis, at the height z, facing `up` or down.
    private static func sheet(_ side: Int, z: Float, up: Bool) -> (points: [SIMD3<Float>], normals: [SIMD3<Float>]) {
        let half = Float(side) / 2
        let points = (0..<(side + 1) * (side + 1)).map {
            SIMD3(Float($0 % (side + 1)) - half, Float($0 / (side + 1)) - half, z)
        }
        return (points, [SIMD3<Float>](repeating: SIMD3(0, 0, up ? 1 : -1), count: points.count))
    }

    /// The surface of a cube of the edge 2 half, in steps of 1 mm, without its edges.
    private static func cube(_ half: Int) -> OrientedSurface {
        var points: [SIMD3<Float>] = []
        var normals: [SIMD3<Float>] = []
        for axis in 0..<3 {
            for sign: Float in [-1, 1] {
                for u in -half + 1..<half {
                    for v in -half + 1..<half {
                        var point = SIMD3<Float>(repeating: Float(half) * sign)
                        (point[(axis + 1) % 3], point[(axis + 2) % 3]) = (Float(u), Float(v))
                        var normal = SIMD3<Float>.zero
                        normal[axis] = sign
                        points.append(point)
                        normals.append(normal)
                    }
                }
            }
        }
        return OrientedSurface(points: points, normals: normals, spacing: 1)
    }

    @Test func distancesToASphere() {
        let surface = Self.sphere(40_000, radius: 50)
        var g = SplitMix64(seed: 4)
        for height: Float in [-5, -1, -0.1, 0, 0.1, 1, 5] {
            let queries = (0..<300).map { _ -> SIMD3<Float> in
                let v = SIMD3(g.normal(), g.normal(), g.normal())
                return v * ((50 + height) / (v * v).sum().squareRoot())
            }
            for value in surface.signedDistances(of: queries).values {
                // A tangent plane leaves the sphere by t^2 / (2 r): 0.02 mm at a distance t of 1.6 spacings.
                #expect(abs(value - height) < 0.02, "\(height)")
            }
        }
    }

    @Test func distancesToAPlaneAreExact() {
        let (points, normals) = Self.sheet(40, z: 2, up: true)
        let surface = OrientedSurface(points: points, normals: normals, spacing: 1)
        var g = SplitMix64(seed: 5)
        let queries = (0..<500).map { _ in (SIMD3(g.uniform(), g.uniform(), g.uniform()) - 0.5) * SIMD3(38, 38, 9) }
        let distances = surface.signedDistances(of: queries)
        for (i, query) in queries.enumerated() {
            #expect(distances.values[i] == query.z - 2)
            #expect(BruteForce.squared(points[Int(distances.sites[i])], query) <= (query.z - 2) * (query.z - 2) + 8)
        }
        // Beside the sheet: 3 mm from its border, less the spacing that still counts as surface, and 4 above.
        let beside = [SIMD3<Float>(24, 0, 6), SIMD3(24, 0, -2), SIMD3(24, 0, 2)]
        #expect(surface.signedDistances(of: beside).values == [5, -5, 3])
    }

    @Test func edgesOfABlockBelongToTheNearerFace() {
        let surface = Self.cube(10)
        // Above the upper face near its edge, inside near the edge, outside the side face.
        let queries: [SIMD3<Float>] = [SIMD3(9, 0, 10.75), SIMD3(9.75, 0, 9), SIMD3(9, 3, 9.5), SIMD3(10.5, 0, 9)]
        let distances = surface.signedDistances(of: queries)
        #expect(distances.values == [0.75, -0.25, -0.5, 0.5])
        let faces = distances.sites.map { surface.normals[Int($0)] }
        #expect(faces == [SIMD3(0, 0, 1), SIMD3(1, 0, 0), SIMD3(0, 0, 1), SIMD3(1, 0, 0)])
    }

    /// A wall 0.5 mm thick, half the spacing of its points: the sides are told apart by the normals.
    @Test func thinWallWithAHoleInOneOfItsSides() {
        let (upper, up) = Self.sheet(40, z: 0.25, up: true)
        let (lower, down) = Self.sheet(40, z: -0.25, up: false)
        let surface = OrientedSurface(points: upper + lower, normals: up + down, spacing: 1)
        // The part: 0.1 mm above each side, and the upper one bare within 5.5 mm of the middle.
        func isBare(_ p: SIMD3<Float>) -> Bool { p.x * p.x + p.y * p.y < 30.25 }
        let part = upper.filter { !isBare($0) }.map { $0 + SIMD3(0, 0, 0.1) } + lower.map { $0 - SIMD3(0, 0, 0.1) }
        let sides = surface.signedDistances(of: part)
        for (value, site) in zip(sides.values, sides.sites) { #expect(abs(value - 0.1) < 1e-6 && site >= 0) }
        let index = NeighborIndex(part)
        let gaps = surface.gaps(at: (0..<Int32(2 * upper.count)).map { $0 }, to: index, sides: sides)
        for (i, point) in upper.enumerated() {
            if isBare(point) {
                let nearest = part.lazy.filter { $0.z > 0 }.map { p in
                    ((p.x - point.x) * (p.x - point.x) + (p.y - point.y) * (p.y - point.y)).squareRoot()
                }.min()!
                // Of 16 part points below a site all within 2.3 mm: farther gaps are told as at least that.
                #expect(gaps[i] > min(nearest, 2) - 1e-4 && gaps[i] < nearest + 1e-4)
            } else {
                #expect(gaps[i] < 1e-3)
            }
        }
        #expect(gaps[upper.count...].allSatisfy { $0 < 1e-3 })
    }

    @Test func agreesWithTheDefinitionByAllPairs() {
        for kind in [Clouds.Kind.surface, .clustered, .grid, .duplicated, .line] {
            let points = Clouds.make(kind, 900)
            var g = SplitMix64(seed: 12)
            let normals = points.map { _ -> SIMD3<Float> in
                let v = SIMD3(g.normal(), g.normal(), g.normal())
                return v / (v * v).sum().squareRoot()
            }
            let surface = OrientedSurface(points: points, normals: normals, spacing: 2)
            let part = Clouds.make(kind, 400, seed: 31).map { $0 + 0.25 }
            let distances = surface.signedDistances(of: part)
            let reference = BruteForce(surface.index)
            for (i, query) in part.enumerated() {
                var (best, chosen) = (Float.infinity, Int32(-1))
                var sign: Float = 1
                for (site, squared) in reference.nearest(6, to: query) {
                    let height = ((query - points[Int(site)]) * normals[Int(site)]).sum()
                    let beside = max(0, max(0, squared - height * height).squareRoot() - 2)
                    let distance = (height * height + beside * beside).squareRoot()
                    if distance < best { (best, chosen, sign) = (distance, site, height < 0 ? -1 : 1) }
                }
                #expect(distances.values[i] == sign * best && distances.sites[i] == chosen, "\(kind) \(i)")
            }
            let index = NeighborIndex(part)
            let partReference = BruteForce(index)
            let sites = (0..<Int32(900)).filter { $0 % 2 == 0 }
            let gaps = surface.gaps(at: sites, to: index, sides: distances)
            for (i, site) in sites.enumerated() {
                let normal = normals[Int(site)]
                let near = partReference.nearest(16, to: points[Int(site)])
                let same = near.first { (normals[Int(distances.sites[Int($0.0)])] * normal).sum() > 0 }
                let expected =
                    same.map { found in
                        let height = ((part[Int(found.0)] - points[Int(site)]) * normal).sum()
                        return max(0, found.1 - height * height).squareRoot()
                    } ?? near[near.count - 1].1.squareRoot()
                #expect(gaps[i] == expected, "\(kind) gap \(i)")
            }
        }
    }

    @Test func oneAnswerAloneIsThatAmongMany() {
        let surface = Self.sphere(5_000, radius: 50)
        let queries = Clouds.make(.uniform, 500).map { $0 - 50 }
        let all = surface.signedDistances(of: queries)
        for (i, query) in queries.enumerated() {
            let one = surface.signedDistances(of: [query])
            #expect(one.values[0] == all.values[i] && one.sites[0] == all.sites[i])
        }
    }

    @Test func nothingToMeasureAgainst() {
        let nothing = OrientedSurface(points: [], normals: [], spacing: 1)
        let distances = nothing.signedDistances(of: [.zero, SIMD3(.nan, 0, 0)])
        #expect(distances.values == [.infinity, .infinity] && distances.sites == [-1, -1])
        let unknown = SignedDistances(values: [0], sites: [-1])
        #expect(nothing.gaps(at: [], to: NeighborIndex([.zero]), sides: unknown).isEmpty)
        let surface = OrientedSurface(points: [.zero], normals: [SIMD3(0, 0, 1)], spacing: 1)
        #expect(surface.signedDistances(of: [SIMD3(0, 0, -3), SIMD3(.infinity, 0, 0)]).values == [-3, .infinity])
        let empty = SignedDistances(values: [], sites: [])
        #expect(surface.gaps(at: [0], to: NeighborIndex([]), sides: empty) == [.infinity])
        // A normal that is not finite takes its point out of the surface.
        let broken = OrientedSurface(
            points: [.zero, SIMD3(1, 0, 0)], normals: [SIMD3(.nan, 0, 0), SIMD3(0, 0, 1)], spacing: .nan)
        #expect(broken.signedDistances(of: [SIMD3(1, 0, 2)]) == SignedDistances(values: [2], sites: [1]))
    }

    /// A part need not be moved, nor its index built anew: the surface is taken to it.
    @Test func aPlacementGivesTheSameGaps() {
        let wall = Clouds.make(.surface, 3000)
        let index = NeighborIndex(wall)
        let normals = NormalOrientation.outward(
            SurfaceGeometry(index: index, nearest: 12).normals, points: wall, neighbors: index.nearestOfAll(12))
        let surface = OrientedSurface(index: index, normals: normals, spacing: 2)
        let part = Clouds.make(.surface, 2500, seed: 9).filter { $0.x > -20 }
        let sides = surface.signedDistances(of: part)
        let sites = (0..<Int32(3000)).map { $0 }
        let expected = surface.gaps(at: sites, to: NeighborIndex(part), sides: sides)
        let motion = RigidTransform(axis: SIMD3(1, -2, 0.5), degrees: 77, translation: SIMD3(30, -4, 12))
        let gaps = surface.gaps(
            at: sites, to: NeighborIndex(motion.apply(part)), placement: motion, sides: sides)
        for (a, b) in zip(gaps, expected) { #expect(abs(a - b) < 2e-2 * max(1, b)) }
    }
}
