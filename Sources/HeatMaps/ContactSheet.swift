internal import Inspection
public import ParallelLoops

/// Many small pictures of labelled clouds on one sheet, to look at a data set.
public enum ContactSheet {
    /// One cloud.
    public struct Picture: Sendable {
        public var caption: String
        /// mm. Shape [N].
        public var points: [SIMD3<Float>]
        /// Drawn in red, and turned to the eye. Shape [N].
        public var isAnomalous: [Bool]

        public init(caption: String, points: [SIMD3<Float>], isAnomalous: [Bool]) {
            self.caption = caption
            self.points = points
            self.isAnomalous = isAnomalous
        }
    }

    public struct Row: Sendable {
        public var pictures: [Picture]
        public init(pictures: [Picture]) { self.pictures = pictures }
    }

    static let cell = 190

    /// Draws the rows one below the other. A cloud with anomalous points is seen from their side of its middle.
    /// - Returns: a PNG.
    /// - Complexity: O(points and pixels).
    public static func png(_ rows: [Row], workers: Workers = .all) -> [UInt8] {
        let columns = max(1, rows.map(\.pictures.count).max() ?? 1)
        var sheet = Image(width: columns * cell, height: max(1, rows.count) * cell, fill: HeatMapPicture.white)
        for (y, row) in rows.enumerated() {
            for (x, picture) in row.pictures.enumerated() {
                sheet.place(draw(picture, workers: workers), x: x * cell + 1, y: y * cell + 1)
            }
        }
        return PNG.encode(sheet.pixels, width: sheet.width, height: sheet.height)
    }

    private static func draw(_ picture: Picture, workers: Workers) -> Image {
        let scores = picture.isAnomalous.map { $0 ? Float(2.4) : 0 }
        let map = ScoreMap(
            points: picture.points, partPointCount: picture.points.count, fused: scores, channels: [:],
            deviations: [])
        let renderer = PointCloudRenderer(map: map, scale: ColorScale(threshold: 1), workers: workers)
        var toward = Camera.direction(azimuth: -0.9, elevation: 25)
        let marked = picture.points.indices.filter { $0 < scores.count && scores[$0] > 0 }
        if !marked.isEmpty, !picture.points.isEmpty {
            let middle = picture.points.reduce(SIMD3<Float>.zero, +) / Float(picture.points.count)
            let place = marked.reduce(SIMD3<Float>.zero) { $0 + picture.points[$1] } / Float(marked.count)
            // Off the axis a little, so that relief shows.
            toward = ((place - middle).unit ?? toward) + toward * 0.35
        }
        let camera = Camera(toward: toward, width: cell - 2, height: cell - 2).fitted(to: picture.points, margin: 14)
        var image = renderer.view(camera).image
        image.text(picture.caption, at: [8, 14], height: 9, HeatMapPicture.text)
        return image
    }
}
