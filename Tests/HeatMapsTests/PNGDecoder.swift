import CZlib

/// A plain decoder for what the tests read back: 8 bits, not interlaced, the filters none, sub and up.
struct PNGDecoder {
    var width = 0
    var height = 0
    var channels = 0
    var pixels: [UInt8] = []
    var filters: Set<UInt8> = []

    struct Failure: Error { let message: String }

    init(_ file: [UInt8]) throws {
        guard file.starts(with: [137, 80, 78, 71, 13, 10, 26, 10]) else { throw Failure(message: "signature") }
        var at = 8
        var deflated: [UInt8] = []
        var types: [String] = []
        while at + 12 <= file.count {
            func number(_ offset: Int) -> Int { file[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
            let length = number(at)
            guard at + 12 + length <= file.count else { throw Failure(message: "length of a chunk") }
            let body = Array(file[at + 4..<at + 8 + length])
            let type = String(decoding: body[..<4], as: UTF8.self)
            guard number(at + 8 + length) == Int(Self.crc(body)) else { throw Failure(message: "CRC of \(type)") }
            types.append(type)
            if type == "IHDR" {
                width = number(at + 8)
                height = number(at + 12)
                guard let count = [2: 3, 6: 4][file[at + 17]], file[at + 16] == 8 else {
                    throw Failure(message: "IHDR")
                }
                channels = count
            }
            if type == "IDAT" { deflated += body[4...] }
            at += 12 + length
        }
        guard at == file.count, types.first == "IHDR", types.last == "IEND" else { throw Failure(message: "chunks") }
        try unfilter(try inflated(deflated))
    }

    private func inflated(_ bytes: [UInt8]) throws -> [UInt8] {
        var raw = [UInt8](repeating: 0, count: height * (width * channels + 1))
        var length = UInt(raw.count)
        guard uncompress(&raw, &length, bytes, UInt(bytes.count)) == Z_OK, length == UInt(raw.count) else {
            throw Failure(message: "deflate stream")
        }
        return raw
    }

    private mutating func unfilter(_ raw: [UInt8]) throws {
        let stride = width * channels
        pixels = [UInt8](repeating: 0, count: height * stride)
        for y in 0..<height {
            let filter = raw[y * (stride + 1)]
            filters.insert(filter)
            for i in 0..<stride {
                let left = i >= channels ? pixels[y * stride + i - channels] : 0
                let above = y > 0 ? pixels[(y - 1) * stride + i] : 0
                let predicted: UInt8
                switch filter {
                case 0: predicted = 0
                case 1: predicted = left
                case 2: predicted = above
                default: throw Failure(message: "filter \(filter)")
                }
                pixels[y * stride + i] = raw[y * (stride + 1) + 1 + i] &+ predicted
            }
        }
    }

    /// CRC-32 bit by bit, from the polynomial (ISO 3309), not from zlib.
    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }

    subscript(x: Int, y: Int) -> [UInt8] { Array(pixels[(y * width + x) * channels..<(y * width + x + 1) * channels]) }
}
