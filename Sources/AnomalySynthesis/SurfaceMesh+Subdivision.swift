extension SurfaceMesh {
    /// Splits edges longer than `limit` at their middle points until none is left.
    ///
    /// A triangle with one, two or three long edges becomes two, three or four (red-green refinement); an edge is split for
    /// all triangles that share it or for none, so that a watertight mesh stays watertight. New triangles lie on the old.
    /// - Parameters:
    ///   - limit: longest edge allowed, mm, by the edge's middle point.
    ///   - parents: for each triangle a number that its parts inherit.
    ///   - onSplit: told the two ends of each new vertex, in order of the new vertices' numbers.
    /// - Complexity: O(T) for each of at most 24 halvings; untouched triangles are looked at once more in each.
    mutating func refine(
        limit: (SIMD3<Double>) -> Double, parents: inout [Int32], most: Int = 2_000_000,
        onSplit: (Int, Int) -> Void = { _, _ in }
    ) {
        precondition(parents.count == triangles.count)
        // Only triangles that have changed can have long edges still.
        var open = Array(triangles.indices)
        for _ in 0..<24 where !open.isEmpty && triangles.count < most {
            var middles: [UInt64: Int32] = [:]
            for index in open {
                let t = triangles[index]
                for (i, j) in [(t.x, t.y), (t.y, t.z), (t.z, t.x)] {
                    let (a, b) = (vertices[Int(i)], vertices[Int(j)])
                    let key = Self.edgeKey(i, j)
                    guard middles[key] == nil else { continue }
                    let middle = (a + b) / 2
                    let edge = b - a
                    let most = limit(middle)
                    if dot(edge, edge) > most * most {
                        middles[key] = Int32(vertices.count)
                        onSplit(Int(min(i, j)), Int(max(i, j)))
                        vertices.append(middle)
                    }
                }
            }
            guard !middles.isEmpty else { return }
            open = split(open, at: middles, parents: &parents)
        }
    }

    static func edgeKey(_ i: Int32, _ j: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: min(i, j))) << 32 | UInt64(UInt32(bitPattern: max(i, j)))
    }

    /// - Returns: the triangles that are new.
    private mutating func split(_ open: [Int], at middles: [UInt64: Int32], parents: inout [Int32]) -> [Int] {
        var changed: [Int] = []
        for index in open {
            var t = triangles[index]
            func middle(_ i: Int32, _ j: Int32) -> Int32 { middles[Self.edgeKey(i, j)] ?? -1 }
            var m = SIMD3(middle(t.x, t.y), middle(t.y, t.z), middle(t.z, t.x))
            let marked = (0..<3).count { m[$0] >= 0 }
            guard marked > 0 else { continue }
            // Turned so that a triangle with one split edge has it first, and one with two has its whole edge last.
            for _ in 0..<2 where marked == 1 ? m.x < 0 : marked == 2 && m.z >= 0 {
                t = SIMD3(t.y, t.z, t.x)
                m = SIMD3(m.y, m.z, m.x)
            }
            let parts: [SIMD3<Int32>]
            switch marked {
            case 1: parts = [SIMD3(t.x, m.x, t.z), SIMD3(m.x, t.y, t.z)]
            case 2: parts = [SIMD3(m.x, t.y, m.y), SIMD3(t.x, m.x, m.y), SIMD3(t.x, m.y, t.z)]
            default:
                parts = [
                    SIMD3(t.x, m.x, m.z), SIMD3(m.x, t.y, m.y), SIMD3(m.z, m.y, t.z), SIMD3(m.x, m.y, m.z),
                ]
            }
            triangles[index] = parts[0]
            changed.append(index)
            for part in parts.dropFirst() {
                changed.append(triangles.count)
                triangles.append(part)
                parents.append(parents[index])
            }
        }
        return changed
    }
}
