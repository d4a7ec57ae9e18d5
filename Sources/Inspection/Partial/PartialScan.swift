import ParallelLoops
import PointClouds

/// A scan of one side of a part, made ready for joining and measuring.
struct PartialScan: Sendable {
    let part: PreparedPart
    /// The scan's own surface, in the frame in which it arrived.
    let surface: ReferenceSurface
    /// Points of the surface by which poses are judged, and their normals (of either sign).
    let sample: [SIMD3<Float>]
    let sampleNormals: [SIMD3<Float>]
    /// The sensor's place, in the scan's frame.
    let eye: SIMD3<Float>
    /// Points of the surface that are not on the scan's borders, one a spacing: where another scan may lack something.
    let sites: [Int32]
    private static let sampleCount = 2000
    /// A normal that points away from the sensor by more than this (a cosine) is turned over.
    private static let averted: Float = 0.25

    init(_ part: PreparedPart, spacing: Float, workers: Workers) {
        self.part = part
        let fitted = ReferenceSurface(fitting: [part.points], spacing: spacing, workers: workers)
        let axis = ViewDirection(of: part.points, spacing: part.spacing).axis
        let towards = fitted.normals.reduce(Float(0)) { $0 + ($1 * axis).sum() }
        let sensor = towards < 0 ? -axis : axis
        // What was seen faces the sensor: surer than what a piece of surface says of its outside.
        surface = ReferenceSurface(
            points: fitted.points, normals: fitted.normals.map { ($0 * sensor).sum() < -Self.averted ? -$0 : $0 },
            spacing: spacing)
        let step = max(1, surface.points.count / Self.sampleCount)
        let chosen = stride(from: 0, to: surface.points.count, by: step)
        sample = chosen.map { [surface] in surface.points[$0] }
        sampleNormals = chosen.map { [surface] in surface.normals[$0] }
        eye =
            SensorView(
                of: sample, normals: sampleNormals, axis: sensor, spacing: part.spacing, diagonal: surface.diagonal
            ).eye
        let weights = ScanBorder.weights(surface.index, workers: workers)
        sites = surface.thinned().filter { weights[Int($0)] > 0 }
    }
}

extension ReferenceSurface {
    var diagonal: Float { index.diagonal }
}
