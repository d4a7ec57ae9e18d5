import CZlib
import Foundation

/// The number of the last commit, in a small file beside the database.
///
/// SQLite takes a write-ahead log that was cut off, or damaged in its middle, for one whose last transactions were never
/// finished, and drops them without a word: verdicts that were published would be gone, and their numbers given out
/// again. The witness is written after each commit and before what was committed is published; where the database has
/// a smaller number, commits were lost. It is not fsynced: after a power cut it may be older, never newer, than the disk.
///
/// Two slots are written in turn, so that a torn write leaves the other.
struct CommitWitness {
    static let fileName = "journal.witness"
    private static let slotSize = 64
    private static let magic = Array("scwd-1\n\n".utf8)

    struct Mark: Equatable {
        var generation: UInt64
        var epoch: String
    }

    private let descriptor: Int32

    /// Opens the file, and makes it if there is none.
    init?(folder: String) {
        descriptor = open(folder + "/" + Self.fileName, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return nil }
        // Both slots exist from the start: on a full disk they are written over, not added.
        if lseek(descriptor, 0, SEEK_END) < off_t(2 * Self.slotSize) {
            let zeros = [UInt8](repeating: 0, count: 2 * Self.slotSize)
            _ = pwrite(descriptor, zeros, zeros.count, 0)
        }
    }

    func close() { Foundation.close(descriptor) }

    /// - Returns: false if the system refused the write.
    func write(_ mark: Mark) -> Bool {
        var slot = Self.magic + withUnsafeBytes(of: mark.generation.littleEndian) { Array($0) }
        slot += Array(mark.epoch.utf8.prefix(40))
        slot += [UInt8](repeating: 0, count: Self.slotSize - 4 - slot.count)
        slot += withUnsafeBytes(of: Self.checksum(slot).littleEndian) { Array($0) }
        let offset = off_t(mark.generation % 2) * off_t(Self.slotSize)
        return pwrite(descriptor, slot, slot.count, offset) == slot.count
    }

    /// The latest mark in a folder; nil if there is none that can be read.
    static func read(folder: String) -> Mark? {
        guard let data = try? Data(contentsOf: URL(filePath: folder + "/" + fileName)) else { return nil }
        let bytes = [UInt8](data)
        let marks = stride(from: 0, to: bytes.count - slotSize + 1, by: slotSize).prefix(2).compactMap {
            mark(in: Array(bytes[$0..<($0 + slotSize)]))
        }
        return marks.max { $0.generation < $1.generation }
    }

    private static func mark(in slot: [UInt8]) -> Mark? {
        let body = Array(slot[..<(slotSize - 4)])
        guard body.starts(with: magic), number(slot[(slotSize - 4)...]) == UInt64(checksum(body)) else { return nil }
        let epoch = body[(magic.count + 8)...].prefix { $0 != 0 }
        return Mark(
            generation: number(body[magic.count..<(magic.count + 8)]), epoch: String(decoding: epoch, as: UTF8.self))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count)) }
    }
}
