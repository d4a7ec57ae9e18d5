/// Lettering as on a drawing: strokes of one width, at any size, ASCII only (other characters become "?").
enum StrokeFont {
    /// Height of capitals in the glyphs' units, and the row of the baseline.
    private static let capHeight: Float = 21
    private static let baseline: Float = 9

    struct Glyph: Sendable {
        let left: Float
        let right: Float
        let strokes: [[SIMD2<Float>]]
    }

    private static let glyphs: [Glyph] = StrokeGlyphs.table.map { code in
        let values = code.utf8.map { Float($0) - Float(UInt8(ascii: "R")) }
        var strokes: [[SIMD2<Float>]] = [[]]
        for at in stride(from: 2, to: values.count - 1, by: 2) {
            // " R" lifts the pen.
            if values[at] == -50 {
                strokes.append([])
            } else {
                strokes[strokes.count - 1].append([values[at], values[at + 1]])
            }
        }
        return Glyph(left: values[0], right: values[1], strokes: strokes.filter { !$0.isEmpty })
    }

    private static func glyph(_ character: Character) -> Glyph {
        let ascii = character.asciiValue.map(Int.init) ?? 63
        return glyphs[(32..<127).contains(ascii) ? ascii - 32 : 31]
    }

    /// Width of a line in pixels, for capitals of `height` pixels.
    static func width(_ text: String, height: Float) -> Float {
        text.reduce(0) { $0 + glyph($1).right - glyph($1).left } * height / capHeight
    }

    /// The line's strokes, its left end on the baseline at `origin`.
    static func strokes(_ text: String, at origin: SIMD2<Float>, height: Float) -> [[SIMD2<Float>]] {
        let scale = height / capHeight
        var pen = origin.x
        var result: [[SIMD2<Float>]] = []
        for character in text {
            let glyph = glyph(character)
            for stroke in glyph.strokes {
                result.append(
                    stroke.map { [pen + ($0.x - glyph.left) * scale, origin.y + ($0.y - baseline) * scale] })
            }
            pen += (glyph.right - glyph.left) * scale
        }
        return result
    }

    /// The text, or as much of its beginning as fits with "..." behind it.
    static func truncated(_ text: String, height: Float, width: Float) -> String {
        guard self.width(text, height: height) > width else { return text }
        var kept = Substring(text.prefix(400))
        while !kept.isEmpty && self.width(kept + "...", height: height) > width { kept = kept.dropLast() }
        return kept + "..."
    }
}
