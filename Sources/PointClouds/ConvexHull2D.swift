/// Convex hulls in the plane, for the least rectangle around a shadow.
enum ConvexHull2D {
    typealias Point = SIMD2<Double>

    /// The corners of the hull, counterclockwise (Andrew's monotone chain).
    /// - Complexity: O(n log n) in the points outside an octagon of extreme ones: few of them.
    static func hull(of all: [Point]) -> [Point] {
        let points = outsideOctagon(all).sorted { $0.x != $1.x ? $0.x < $1.x : $0.y < $1.y }
        guard points.count > 2 else { return points }
        var hull: [Point] = []
        func chain(_ sequence: some Sequence<Point>) {
            let start = hull.count
            for p in sequence {
                while hull.count >= start + 2 && turn(hull[hull.count - 2], hull[hull.count - 1], p) <= 0 {
                    hull.removeLast()
                }
                hull.append(p)
            }
            hull.removeLast()
        }
        chain(points)
        chain(points.reversed())
        return hull
    }

    /// The direction of one side of the rectangle of least area: it has a side along an edge of the hull.
    /// - Complexity: O(h^2) in the corners of the hull, which are few dozen; at most 512 edges are tried.
    static func leastRectangle(around hull: [Point]) -> Point {
        var best = Point(1, 0)
        var least = Double.infinity
        let step = max(1, hull.count / 512)
        for i in stride(from: 0, to: hull.count, by: step) {
            let edge = hull[(i + 1) % hull.count] - hull[i]
            let size = (edge * edge).sum().squareRoot()
            guard size > 0 else { continue }
            let u = edge / size
            var (low, high) = (Point(repeating: .infinity), Point(repeating: -.infinity))
            for p in hull {
                let q = Point((p * u).sum(), p.y * u.x - p.x * u.y)
                low.replace(with: q, where: q .< low)
                high.replace(with: q, where: q .> high)
            }
            let extent = high - low
            // Of a line the width is 0 in one direction only: prefer its own.
            let area = extent.x * extent.y
            if area < least { (best, least) = (u, area) }
        }
        return best
    }

    private static func turn(_ a: Point, _ b: Point, _ c: Point) -> Double {
        let (p, q) = (b - a, c - a)
        return p.x * q.y - p.y * q.x
    }

    /// Drops points strictly inside the octagon of the extremes in eight directions: they cannot be corners.
    private static func outsideOctagon(_ points: [Point]) -> [Point] {
        guard points.count > 64, let first = points.first else { return points }
        let directions: [Point] = [
            Point(1, 0), Point(1, 1), Point(0, 1), Point(-1, 1), Point(-1, 0), Point(-1, -1), Point(0, -1),
            Point(1, -1),
        ]
        var corners = [Point](repeating: first, count: 8)
        for (k, direction) in directions.enumerated() {
            var greatest = -Double.infinity
            for p in points {
                let d = p.x * direction.x + p.y * direction.y
                if d > greatest { (corners[k], greatest) = (p, d) }
            }
        }
        var edges: [(Point, Point)] = []
        for k in 0..<8 where corners[k] != corners[(k + 1) % 8] { edges.append((corners[k], corners[(k + 1) % 8])) }
        return points.filter { (p: Point) in edges.contains { turn($0.0, $0.1, p) <= 0 } }
    }
}
