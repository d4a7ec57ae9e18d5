import CZlib
import FrameProtocol
import Testing

/// The checksum against zlib's own, over every length about the sizes at which its parts meet.
struct ChecksumTests {
    @Test func isZlibs() {
        var generator = SeededGenerator(seed: 32)
        for count in Array(0...400) + [1023, 4096, 65_537, 1_000_003] {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(
                Checksum.crc32(bytes) == UInt32(truncatingIfNeeded: crc32_z(0, bytes, bytes.count)), "\(count) bytes")
        }
        // The check value of the CRC catalogue.
        #expect(Checksum.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
    }
}
