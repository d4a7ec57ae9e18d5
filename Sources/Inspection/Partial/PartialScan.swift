import ParallelLoops
import PointClouds

/// A scan of one side of a part, made ready for placing and measuring.
struct PartialScan: Sendable {
    let part: PreparedPart
    let side: SeenSide
    /// 0 for points on the scan's borders. Shape [N].
    let weights: [Float]
    /// Normal of each point, towards the sensor. Shape [N].
    let normals: [SIMD3<Float>]

    init(_ part: PreparedPart, spacing: Float, workers: Workers) {
        self.part = part
        weights = ScanBorder.weights(part.index, workers: workers)
        let geometry = SurfaceGeometry(index: part.index, neighbors: part.neighbors, workers: workers)
        let place = SensorPlace(
            part.points, normals: geometry.normals, neighbors: part.neighbors, weights: weights)
        let fitted = ReferenceSurface(fitting: [part.points], spacing: spacing, workers: workers)
        side = SeenSide(fitted, sensor: place, workers: workers)
        normals = SeenSide.turned(geometry.normals, of: part.points, to: side.eye)
    }
}
