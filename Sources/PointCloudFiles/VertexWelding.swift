/// Gives each distinct point a number, in the order in which they first appear.
///
/// The same are points of equal coordinates; 0 equals -0 (the first is kept), and all NaN are one.
struct VertexWelding {
    private(set) var vertices: [SIMD3<Float>] = []
    /// Only ever looked up: its order does not matter.
    private var numbers: [Key: Int32] = [:]

    private struct Key: Hashable {
        var x: UInt32
        var y: UInt32
        var z: UInt32

        init(_ point: SIMD3<Float>) { (x, y, z) = (Self.bits(point.x), Self.bits(point.y), Self.bits(point.z)) }

        private static func bits(_ value: Float) -> UInt32 {
            if value.isNaN { return Float.nan.bitPattern }
            return value == 0 ? 0 : value.bitPattern
        }
    }

    /// - Complexity: O(1).
    mutating func number(of point: SIMD3<Float>) -> Int32 {
        let next = Int32(vertices.count)
        // In place: one look-up finds the number or puts the next one there.
        func read(_ number: inout Int32) -> Int32 { number }
        let number = read(&numbers[Key(point), default: next])
        if number == next { vertices.append(point) }
        return number
    }
}
