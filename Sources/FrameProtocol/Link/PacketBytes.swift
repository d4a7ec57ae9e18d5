/// A packet's bytes, read big-endian; a read beyond the captured ones throws.
struct PacketBytes {
    let bytes: [UInt8]

    func uint8(_ offset: Int) throws(PacketRejection) -> UInt8 {
        guard offset < bytes.count else { throw .headersCut }
        return bytes[offset]
    }

    func uint16(_ offset: Int) throws(PacketRejection) -> UInt16 {
        guard offset + 2 <= bytes.count else { throw .headersCut }
        return UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    }

    func uint32(_ offset: Int) throws(PacketRejection) -> UInt32 {
        UInt32(try uint16(offset)) << 16 | UInt32(try uint16(offset + 2))
    }

    func uint64(_ offset: Int) throws(PacketRejection) -> UInt64 {
        UInt64(try uint32(offset)) << 32 | UInt64(try uint32(offset + 4))
    }

    /// The bytes of a range: a part of the packet's storage, or a copy where that would hold on to much else.
    func slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
        if range.isEmpty { return [] }
        return bytes.count - range.count <= 256 ? bytes[range] : Array(bytes[range])[...]
    }
}
