import NeuralNetwork
public import ParallelLoops
public import PointClouds

/// The two distances between a part and its reconstruction, patch by patch (eq. 13 to 18).
public enum PatchComparison {
    /// A_p: the symmetric l2 Chamfer distance (eq. 12) of equally numbered patches, in the square of their unit. [G].
    public static func chamfer(_ input: Patches, _ output: Patches, workers: Workers = .all) -> [Float] {
        precondition(input.count == output.count && input.size == output.size)
        let columns = input.size * 3
        return ChamferLoss.distances(
            Matrix(input.coordinates, rows: input.count, columns: columns),
            Matrix(output.coordinates, rows: output.count, columns: columns), workers: workers)
    }

    /// A_f: the l2 distance of equally numbered feature vectors, [G, width] each. [G].
    public static func featureDistances(_ input: [Float], _ output: [Float], width: Int) -> [Float] {
        precondition(input.count == output.count && width > 0 && input.count % width == 0)
        let count = input.count / width
        let a = Matrix(input, rows: count, columns: width), b = Matrix(output, rows: count, columns: width)
        return (0..<count).map { a.squaredDistances(fromRow: $0, to: b, rows: $0..<$0 + 1)[0].squareRoot() }
    }
}
