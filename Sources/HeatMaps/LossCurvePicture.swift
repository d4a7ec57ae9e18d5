import Foundation

/// A training's losses as a small picture: logarithmic, training loss pale, validation loss dark with dots.
public enum LossCurvePicture {
    /// One point of the curve; losses that are not positive and finite are left out.
    public struct Point: Sendable {
        public var step: Int
        public var training: Float?
        public var validation: Float

        public init(step: Int, training: Float?, validation: Float) {
            self.step = step
            self.training = training
            self.validation = validation
        }
    }

    private static let size = (width: 760, height: 420)
    private static let frame = (left: Float(78), right: Float(740), top: Float(40), bottom: Float(376))
    private static let ink = RGB(hex: 0x1B2530), faint = RGB(hex: 0xD9DFE5), quiet = RGB(hex: 0x5B6773)
    private static let trainingColor = RGB(hex: 0x8AA5C0), validationColor = RGB(hex: 0x1F4E79)

    /// A PNG of 760 x 420 pixels; nil where there is nothing to draw.
    public static func png(_ points: [Point]) -> [UInt8]? {
        func isDrawn(_ loss: Float) -> Bool { loss.isFinite && loss > 0 }
        let validation = points.filter { isDrawn($0.validation) }.map { (Float($0.step), log10($0.validation)) }
        let training = points.compactMap { point in
            point.training.flatMap { isDrawn($0) ? (Float(point.step), log10($0)) : nil }
        }
        let all = (validation + training).map(\.1)
        guard let least = all.min(), let most = all.max(), let end = points.map(\.step).max() else { return nil }
        let low = least - 0.05, high = max(most + 0.05, low + 0.2)
        func place(_ point: (Float, Float)) -> SIMD2<Float> {
            [
                frame.left + (frame.right - frame.left) * point.0 / Float(max(end, 1)),
                frame.bottom - (frame.bottom - frame.top) * (point.1 - low) / (high - low),
            ]
        }

        var image = Image(width: size.width, height: size.height, fill: RGB(255, 255, 255))
        for (value, label) in ticks(low, high) {
            let y = place((0, value)).y
            image.stroke([[[frame.left, y], [frame.right, y]]], width: 1, faint)
            image.text(label, at: [frame.left - 8, y + 4], height: 9, quiet, align: .right)
        }
        for quarter in 0...4 {
            let step = end * quarter / 4, x = place((Float(step), low)).x
            image.text("\(step)", at: [x, frame.bottom + 18], height: 9, quiet, align: .center)
        }
        image.text("step", at: [(frame.left + frame.right) / 2, frame.bottom + 36], height: 9, quiet, align: .center)
        image.stroke(
            [[[frame.left, frame.top], [frame.left, frame.bottom], [frame.right, frame.bottom]]], width: 1, ink)
        if training.count > 1 { image.stroke([training.map(place)], width: 1.6, trainingColor) }
        if validation.count > 1 { image.stroke([validation.map(place)], width: 1.8, validationColor) }
        image.stroke(validation.map { [place($0)] }, width: 5, validationColor)
        legend(&image)
        return PNG.encode(image.pixels, width: image.width, height: image.height)
    }

    private static func legend(_ image: inout Image) {
        var x = frame.left
        for (name, color) in [("validation loss", validationColor), ("training loss", trainingColor)] {
            image.stroke([[[x, 20], [x + 22, 20]]], width: 2.4, color)
            x += 30
            x += image.text(name, at: [x, 24], height: 10, ink) + 26
        }
    }

    /// Places of 1, 2 and 5 times powers of ten, as logarithms, with their texts; of all digits where these are few.
    private static func ticks(_ low: Float, _ high: Float) -> [(Float, String)] {
        var result: [(Float, String)] = []
        for exponent in Int(low.rounded(.down))...Int(high.rounded(.up)) {
            for digit in high - low < 0.8 ? Array(1...9) : [1, 2, 5] {
                let value = Float(exponent) + log10(Float(digit))
                if value >= low, value <= high { result.append((value, "\(digit)e\(exponent)")) }
            }
        }
        return result
    }
}
