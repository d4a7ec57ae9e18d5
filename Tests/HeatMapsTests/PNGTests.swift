import Testing

@testable import HeatMaps

@Suite struct PNGTests {
    /// A gradient across, one down, and noise: each is best served by another filter.
    private func picture(_ width: Int, _ height: Int, _ channels: Int) -> [UInt8] {
        var state: UInt32 = 7
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<channels {
                    state = state &* 1_664_525 &+ 1_013_904_223
                    let kind = y * 3 / max(height, 1)
                    let value = [x * 3 + channel * 40, y * 5 + channel * x * x, Int(state >> 24)][kind]
                    pixels.append(UInt8(truncatingIfNeeded: value))
                }
            }
        }
        return pixels
    }

    @Test func decodesToTheSamePixels() throws {
        let pixels = picture(61, 47, 3)
        let decoded = try PNGDecoder(PNG.encode(pixels, width: 61, height: 47))
        #expect(decoded.width == 61 && decoded.height == 47 && decoded.channels == 3)
        #expect(decoded.pixels == pixels)
        #expect(decoded.filters.isSuperset(of: [1, 2]))
    }

    @Test func decodesWithTransparency() throws {
        let pixels = picture(9, 30, 4)
        let decoded = try PNGDecoder(PNG.encode(pixels, width: 9, height: 30, channels: .rgba, level: 9))
        #expect(decoded.channels == 4)
        #expect(decoded.pixels == pixels)
    }

    @Test func onePixel() throws {
        #expect(try PNGDecoder(PNG.encode([1, 2, 3], width: 1, height: 1)).pixels == [1, 2, 3])
    }
}
