import CZlib

/// CRC-32 as zlib, PNG and Ethernet compute it (ISO 3309, reflected polynomial 0xEDB88320).
public enum Checksum {
    /// The CRC-32 of `bytes`; 0 of none. O(bytes), about 1 GB/s.
    public static func crc32(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count)) }
    }
}
