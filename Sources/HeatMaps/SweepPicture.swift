import Foundation

/// A measure over the values of a setting, with error bars, and what others published beside it.
public enum SweepPicture {
    public struct Point: Sendable {
        public var name: String
        public var value: Float
        public var error: Float
        public var published: Float?

        public init(name: String, value: Float, error: Float, published: Float?) {
            self.name = name
            self.value = value
            self.error = error
            self.published = published
        }
    }

    /// One line of the picture.
    public struct Series: Sendable {
        public var name: String
        public var points: [Point]

        public init(name: String, points: [Point]) {
            self.name = name
            self.points = points
        }
    }

    private static let size = (width: 760, height: 420)
    private static let frame = (left: Float(64), right: Float(740), top: Float(48), bottom: Float(368))
    private static let ink = RGB(hex: 0x1B2530), faint = RGB(hex: 0xD9DFE5), quiet = RGB(hex: 0x5B6773)
    private static let colors = [RGB(hex: 0x1F4E79), RGB(hex: 0xB4541A)]

    /// A PNG of 760 x 420 pixels: values as dots on a line, published ones as squares. `nil` without a point.
    /// - Parameter series: at most two, of the same settings in the same order.
    public static func png(_ series: [Series], title: String) -> [UInt8]? {
        let points = series.flatMap(\.points)
        let values = points.flatMap { [$0.value - $0.error, $0.value + $0.error] + ($0.published.map { [$0] } ?? []) }
        guard let least = values.min(), let most = values.max(), least.isFinite, most.isFinite,
            let count = series.map(\.points.count).max()
        else { return nil }
        let low = (least * 20 - 0.2).rounded(.down) / 20, high = (most * 20 + 0.2).rounded(.up) / 20
        func place(_ number: Int, _ value: Float) -> SIMD2<Float> {
            [
                frame.left + (frame.right - frame.left) * (Float(number) + 0.5) / Float(count),
                frame.bottom - (frame.bottom - frame.top) * (value - low) / (high - low),
            ]
        }
        var image = Image(width: size.width, height: size.height, fill: RGB(255, 255, 255))
        let step: Float = high - low > 0.45 ? 0.1 : 0.05
        for tick in 0...Int(((high - low) / step).rounded()) {
            let value = low + Float(tick) * step, y = place(0, value).y
            image.stroke([[[frame.left, y], [frame.right, y]]], width: 1, faint)
            image.text(String(format: "%.2f", value), at: [frame.left - 8, y + 4], height: 9, quiet, align: .right)
        }
        for (number, point) in (series.first?.points ?? []).enumerated() {
            image.text(
                point.name, at: [place(number, low).x, frame.bottom + 18], height: 9, quiet, align: .center)
        }
        image.text(title, at: [(frame.left + frame.right) / 2, frame.bottom + 38], height: 10, ink, align: .center)
        image.stroke(
            [[[frame.left, frame.top], [frame.left, frame.bottom], [frame.right, frame.bottom]]], width: 1, ink)
        var x = frame.left
        for (line, color) in zip(series, colors) {
            let dots = line.points.enumerated().map { place($0, $1.value) }
            if dots.count > 1 { image.stroke([dots], width: 1.6, color) }
            image.stroke(dots.map { [$0] }, width: 7, color)
            for (number, point) in line.points.enumerated() {
                image.stroke(
                    [[place(number, point.value - point.error), place(number, point.value + point.error)]], width: 1.2,
                    color)
                guard let published = point.published else { continue }
                square(&image, place(number, published), color)
            }
            image.stroke([[[x, 22], [x + 22, 22]]], width: 2.4, color)
            x += 30 + image.text(line.name, at: [x + 30, 26], height: 10, ink) + 20
            square(&image, [x + 4, 22], color)
            x += 16 + image.text("published", at: [x + 16, 26], height: 10, quiet) + 28
        }
        return PNG.encode(image.pixels, width: image.width, height: image.height)
    }

    private static func square(_ image: inout Image, _ center: SIMD2<Float>, _ color: RGB) {
        let corners: [SIMD2<Float>] = [[-4, -4], [4, -4], [4, 4], [-4, 4], [-4, -4]]
        image.stroke([corners.map { center + $0 }], width: 1.4, color)
    }
}
