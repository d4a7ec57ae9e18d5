import FrameProtocol
import Foundation
import Glibc
import Threads

/// A recording's files: `scanward-START-NUMBER.pcap` in one folder, each readable by itself.
///
/// A message is written by one call, straight to the system: a process that is killed loses what it was just writing and
/// nothing before. Belongs to one thread.
final class RecordingFolder {
    /// What became of the files.
    struct Statistics: Sendable, Equatable {
        /// Files begun, and bytes written to them.
        var files = 0, bytes = 0
        /// Older files removed to stay below the limit.
        var removed = 0, removedBytes = 0
    }

    private(set) var statistics = Statistics()
    /// The file that is being written.
    private(set) var file = ""

    private let options: RecordingOptions
    private let clock: any MonotonicClock
    private let name: String
    private let system: RecordingSystem
    private var encoder: CaptureEncoder
    private var descriptor: Int32 = -1
    /// In the present file's name.
    private var number = 0
    private var size = 0
    private var messages = 0
    private var openedAt: UInt64 = 0
    /// Finished files of the folder, oldest first, with their sizes.
    private var finished: [(path: String, size: Int)] = []

    /// - Parameter unixNanoseconds: when the recording begins: names its files, and tells its connections from those of the
    ///   recordings before.
    init(
        _ options: RecordingOptions, startingAt unixNanoseconds: UInt64, clock: any MonotonicClock = SystemClock(),
        system: RecordingSystem = RecordingSystem()
    ) throws(RecordingError) {
        if let limit = options.limitBytes, limit < 2 * options.rotateBytes {
            throw RecordingError(
                code: .limit,
                message:
                    "a limit of \(limit) bytes holds fewer than two files of \(options.rotateBytes): make the limit larger "
                    + "or the files smaller, so that removing one leaves something")
        }
        self.options = options
        self.clock = clock
        self.system = system
        // As TCP's own clock for them (RFC 9293, 3.4.1), in us: two recordings have the same only when they begin a multiple of
        // 4294.967296 s apart, to the microsecond.
        encoder = CaptureEncoder(
            serverPort: options.port, initialSequence: UInt32(truncatingIfNeeded: unixNanoseconds / 1000))
        let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted, timeZone: .gmt)
        name = "scanward-" + Date(timeIntervalSince1970: Double(unixNanoseconds) / 1e9).formatted(style)
        do {
            try FileManager.default.createDirectory(atPath: options.folder, withIntermediateDirectories: true)
            for entry in try FileManager.default.contentsOfDirectory(atPath: options.folder).sorted()
            where Self.isRecording(entry) {
                let path = options.folder + "/" + entry
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                finished.append((path, (attributes[.size] as? Int) ?? 0))
            }
        } catch {
            throw RecordingError(
                code: .notWritable,
                message: "\(options.folder) cannot be used for recordings: \(error.localizedDescription)")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Writes a message, in a new file where the present one has its size or time.
    func write(_ parts: [[UInt8]], from source: String, at unixNanoseconds: UInt64) throws(RecordingError) {
        if descriptor < 0 || (messages > 0 && isTimeOver) { try rotate() }
        var before = encoder
        var bytes = encoder.encode(parts, from: source, at: unixNanoseconds)
        if messages > 0 && size + bytes.count > options.rotateBytes {
            encoder = before
            try rotate()
            before = encoder
            bytes = encoder.encode(parts, from: source, at: unixNanoseconds)
        }
        try makeRoom(for: bytes.count)
        do throws(RecordingError) {
            try append(bytes)
        } catch {
            encoder = before
            throw error
        }
        messages += 1
    }

    /// Finishes the present file: its bytes are on the disk when this returns.
    ///
    /// - Throws: `notWritable` where the system could not see to that. It is not asked again: what it then says of the same
    ///   bytes means nothing.
    func finish() throws(RecordingError) {
        guard descriptor >= 0 else { return }
        let failure = system.synchronize(descriptor)
        close(descriptor)
        descriptor = -1
        finished.append((file, size))
        if let failure {
            throw RecordingError(
                code: .notWritable,
                message:
                    "\(file): what was written may not be on the disk: \(String(cString: strerror(failure))); look "
                    + "at what it holds (`scanward replay`), and at the disk")
        }
    }

    private var isTimeOver: Bool {
        options.rotateTime.map { clock.now - min(openedAt, clock.now) >= $0.clampedNanoseconds } ?? false
    }

    private func rotate() throws(RecordingError) {
        try finish()
        // A recording that began within the same second has taken the first numbers.
        repeat {
            number += 1
            let digits = String(number)
            file = "\(options.folder)/\(name)-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits).pcap"
            descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        } while descriptor < 0 && errno == EEXIST && number < 1_000_000
        guard descriptor >= 0 else {
            throw errno == ENOSPC || errno == EDQUOT
                ? full(errno)
                : RecordingError(
                    code: .notWritable, message: "\(file) cannot be made: \(String(cString: strerror(errno)))")
        }
        statistics.files += 1
        (size, messages, openedAt) = (0, 0, clock.now)
        encoder.beginFile()
        do throws(RecordingError) {
            try append(CaptureEncoder.fileHeader)
        } catch {
            // Without its header it is no capture.
            _ = system.remove(file)
            finished.removeAll { $0.path == file }
            statistics.files -= 1
            throw error
        }
    }

    /// Removes the oldest files until `count` bytes more stay below the limit.
    private func makeRoom(for count: Int) throws(RecordingError) {
        guard let limit = options.limitBytes else { return }
        while finished.reduce(size + count, { $0 + $1.size }) > limit {
            guard let oldest = finished.first else {
                throw RecordingError(
                    code: .limit, message: "a message of \(count) bytes is larger than the limit of \(limit): raise it")
            }
            switch system.remove(oldest.path) {
            case nil:
                statistics.removed += 1
                statistics.removedBytes += oldest.size
            // Somebody else made the room.
            case ENOENT: break
            case let failure?:
                throw RecordingError(
                    code: .notWritable,
                    message:
                        "\(oldest.path) cannot be removed to stay below the limit of \(limit) bytes: "
                        + "\(String(cString: strerror(failure))); the recording ends here and is whole up to here. Allow "
                        + "it, move the file away, or raise --limit")
            }
            finished.removeFirst()
        }
    }

    /// Writes all of `bytes`, or takes back what there is of them.
    private func append(_ bytes: [UInt8]) throws(RecordingError) {
        let failure = bytes.withUnsafeBytes { buffer -> Int32? in
            var written = 0
            while written < buffer.count, let start = buffer.baseAddress {
                let count = system.write(descriptor, start + written, buffer.count - written)
                if count > 0 { written += count } else if errno != EINTR { return errno }
            }
            return nil
        }
        if let failure {
            ftruncate(descriptor, off_t(size))
            // Why it cannot be written says more than what follows from that.
            try? finish()
            throw failure == ENOSPC || failure == EDQUOT
                ? full(failure)
                : RecordingError(
                    code: .notWritable, message: "\(file) cannot be written: \(String(cString: strerror(failure)))")
        }
        size += bytes.count
        statistics.bytes += bytes.count
    }

    private func full(_ number: Int32) -> RecordingError {
        RecordingError(
            code: .full,
            message:
                "\(options.folder): \(String(cString: strerror(number))); the recording ends here and is whole up to here. "
                + "Free space, or give --limit, so that the oldest files make room")
    }

    /// Whether a file's name is one of ours: nothing else is ever counted or removed.
    private static func isRecording(_ name: String) -> Bool {
        let words = name.split(separator: "-", omittingEmptySubsequences: false)
        return words.count == 3 && words[0] == "scanward" && words[1].count == 16 && words[1].hasSuffix("Z")
            && words[2].hasSuffix(".pcap") && words[2].dropLast(5).allSatisfy(\.isNumber)
    }
}
