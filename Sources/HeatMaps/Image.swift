/// An opaque picture: rows from the top, three bytes (red, green, blue) a pixel.
struct Image: Sendable, Equatable {
    let width: Int
    let height: Int
    /// Shape [height, width, 3].
    var pixels: [UInt8]

    init(width: Int, height: Int, fill: RGB) {
        precondition(width > 0 && height > 0)
        self.width = width
        self.height = height
        pixels = []
        pixels.reserveCapacity(width * height * 3)
        for _ in 0..<width * height { pixels += [fill.red, fill.green, fill.blue] }
    }

    subscript(x: Int, y: Int) -> RGB {
        get {
            let at = (y * width + x) * 3
            return RGB(pixels[at], pixels[at + 1], pixels[at + 2])
        }
        set {
            let at = (y * width + x) * 3
            pixels[at] = newValue.red
            pixels[at + 1] = newValue.green
            pixels[at + 2] = newValue.blue
        }
    }

    /// Mixes `color` into a pixel; outside the picture nothing happens.
    mutating func blend(_ x: Int, _ y: Int, _ color: RGB, _ alpha: Float) {
        guard x >= 0, y >= 0, x < width, y < height, alpha > 0 else { return }
        let old = self[x, y].floats
        self[x, y] = RGB(floats: old + (color.floats - old) * min(1, alpha))
    }

    /// Copies a picture so that its upper left corner lies at (x, y); what does not fit is cut off.
    mutating func place(_ other: Image, x left: Int, y top: Int) {
        for y in max(0, -top)..<max(max(0, -top), min(other.height, height - top)) {
            for x in max(0, -left)..<max(max(0, -left), min(other.width, width - left)) {
                self[left + x, top + y] = other[x, y]
            }
        }
    }
}
