/// The area of the surface that a cloud samples.
public enum SurfaceArea {
    /// The area each point stands for: pi r^2 / k, with r the distance to its k-th neighbour, the table's last.
    ///
    /// In squared units of the coordinates; 0 where there are no neighbours. Along open borders too large by up to half.
    /// Shape [N].
    public static func ofPoints(_ neighbors: NeighborTable) -> [Float] {
        guard neighbors.size > 1 else { return [Float](repeating: 0, count: neighbors.count) }
        let k = Float(neighbors.size - 1)
        return (0..<neighbors.count).map { row in
            let squared = neighbors.squaredDistances[(row + 1) * neighbors.size - 1]
            return squared.isFinite ? min(.pi * squared / k, .greatestFiniteMagnitude) : 0
        }
    }

    /// Their sum: of all points, or of a subset of them (a defect's).
    public static func estimate(_ areas: [Float], subset: [Int32]? = nil) -> Double {
        // From the least upwards: the same bits for any order of the points, and the least rounding.
        var summands = subset.map { $0.map { areas[Int($0)] } } ?? areas
        summands.sort { $0.bitPattern < $1.bitPattern }
        return summands.reduce(0.0) { $0 + Double($1) }
    }
}
