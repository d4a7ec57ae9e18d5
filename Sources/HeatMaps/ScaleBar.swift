/// A length in mm at the foot of a view.
enum ScaleBar {
    /// The largest of 1, 2, 5 times a power of ten that is at most `most` mm.
    static func length(most: Float) -> Float {
        guard most.isFinite, most > 1e-6 else { return 0 }
        var power: Float = 1
        while power > most { power /= 10 }
        while power * 10 <= most { power *= 10 }
        return power * 5 <= most ? power * 5 : power * 2 <= most ? power * 2 : power
    }

    static func draw(on image: inout Image, pixelsPerMillimetre scale: Float) {
        let length = length(most: 0.24 * Float(image.width) / scale)
        guard length > 0 else { return }
        let x: Float = 14.5
        let y = Float(image.height) - 16.5
        let end = x + length * scale
        let decimals = length >= 1 ? 0 : length >= 0.1 ? 1 : length >= 0.01 ? 2 : 3
        let label = "\(NumberText.fixed(length, decimals)) mm"
        let room = end - 4 + 9 + StrokeFont.width(label, height: 9.5) + 10
        image.pill(x: 4, y: y - 12, width: room, height: 24, PointCloudRenderer.background, alpha: 0.8)
        image.stroke(
            [[[x, y - 4], [x, y + 4]], [[x, y], [end, y]], [[end, y - 4], [end, y + 4]]], width: 1.4,
            HeatMapPicture.text)
        image.text(label, at: [end + 9, y + 4.5], height: 9.5, HeatMapPicture.text)
    }
}
