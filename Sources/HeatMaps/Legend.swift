import Inspection

/// What the colours mean: a bar with the threshold, and the colours that stand for no score.
enum Legend {
    static func draw(_ input: HeatMapInput, on image: inout Image, x: Int, top: Int, height: Int) {
        let scale = input.colorScale
        let quiet = HeatMapPicture.quiet
        let ink = HeatMapPicture.text
        image.text("Local score", at: [Float(x), Float(top) + 24], height: 10.5, quiet)
        let barTop = top + 48
        let barHeight = height - 48 - 110
        for row in 0..<barHeight {
            let share = 1 - (Float(row) + 0.5) / Float(barHeight)
            image.fill(x: x, y: barTop + row, width: 20, height: 1, scale.color(share * scale.top))
        }
        func y(_ score: Float) -> Float { Float(barTop) + Float(barHeight) * (1 - score / scale.top) }
        let left = Float(x)
        for (score, label) in [(0, "0"), (2 * scale.threshold, NumberText.short(2 * scale.threshold))] {
            image.stroke([[[left + 20, y(score)], [left + 26, y(score)]]], width: 1.2, ink)
            image.text(label, at: [left + 31, y(score) + 4.5], height: 9.5, ink)
        }
        image.stroke([[[left + 20, y(scale.top)], [left + 26, y(scale.top)]]], width: 1.2, ink)
        image.text("\(NumberText.short(scale.top))", at: [left + 31, y(scale.top) + 4.5], height: 9.5, ink)
        image.text("and up", at: [left + 31, y(scale.top) + 19], height: 8, quiet)
        let mark = y(scale.threshold)
        image.stroke([[[left - 5, mark], [left + 26, mark]]], width: 2, ink)
        image.text(NumberText.short(scale.threshold), at: [left + 31, mark + 4.5], height: 9.5, weight: 1.6, ink)
        image.text("threshold", at: [left + 31, mark + 19], height: 8, quiet)
        drawKeys(input, on: &image, x: x, y: top + height - 84)
    }

    private static func drawKeys(_ input: HeatMapInput, on image: inout Image, x: Int, y: Int) {
        var row = y
        func key(_ label: String, on image: inout Image, _ paint: (inout Image) -> Void) {
            paint(&image)
            image.text(label, at: [Float(x) + 27, Float(row) + 14], height: 8.5, HeatMapPicture.text)
            row += 27
        }
        let lacks = !input.map.missingPoints.isEmpty
        let unscored = (0..<input.map.partPoints.count).contains { input.map.score($0).isNaN }
        if lacks {
            key("not found", on: &image) { image in
                for dy in 0..<19 {
                    for dx in 0..<20 {
                        let alpha: Float = (dx + dy) % 7 < 4 ? 0.9 : 0.3
                        image.blend(x + dx, row + dy, ColorScale.missing, alpha)
                    }
                }
            }
        }
        if unscored {
            key("no score", on: &image) { $0.fill(x: x, y: row, width: 20, height: 19, ColorScale.unscored) }
        }
    }
}
