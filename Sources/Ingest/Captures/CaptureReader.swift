import CPcap
public import FrameProtocol
import Glibc
public import Threads

/// Reads the packets of a capture file with libpcap: pcap with times in us or ns, pcapng, or standard input.
///
/// Belongs to one thread.
public final class CaptureReader {
    /// The path that was given, or "standard input" for `-`.
    public let path: String
    /// libpcap's number of the link layer (`DLT_...`): 1 for Ethernet, 113 and 276 for `tcpdump -i any`.
    public let linkType: Int32
    /// Packets read so far.
    public private(set) var packets = 0
    /// What libpcap says of a file that breaks off within a packet; the packets before it were read all the same.
    public private(set) var truncation: String?

    private let handle: OpaquePointer
    private let stop: StopSignal

    /// Opens a capture. One that is followed is waited for until its header is there.
    ///
    /// - Parameters:
    ///   - following: reads on at the end, as the capturing program writes on.
    ///   - stop: ends the reading.
    public init(
        path: String, following: CaptureFollowing? = nil, clock: any MonotonicClock = SystemClock(),
        unless stop: StopSignal = StopSignal()
    ) throws(CaptureError) {
        self.stop = stop
        let file = try Self.open(path, following, clock, stop)
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard
            let handle = pcap_fopen_offline_with_tstamp_precision(
                file, UInt32(PCAP_TSTAMP_PRECISION_NANO), &message)
        else {
            fclose(file)
            throw Self.error(opening: path == "-" ? "standard input" : path, message: Self.text(message))
        }
        self.path = path == "-" ? "standard input" : path
        self.handle = handle
        linkType = pcap_datalink(handle)
    }

    deinit { pcap_close(handle) }

    /// The next packet, or nil at the end (see `truncation`).
    public func next() throws(CaptureError) -> CapturePacket? {
        defer { withExtendedLifetime(self) {} }
        guard truncation == nil else { return nil }
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var bytes: UnsafePointer<UInt8>?
        switch pcap_next_ex(handle, &header, &bytes) {
        case 1:
            guard let header = header?.pointee, let bytes else { return nil }
            packets += 1
            return CapturePacket(
                timestampNanoseconds: Self.nanoseconds(header.ts), linkType: linkType,
                bytes: Array(UnsafeBufferPointer(start: bytes, count: Int(header.caplen))),
                originalLength: Int(header.len))
        case -1:
            // Whoever stops the reading does not wait for the rest of a packet.
            if stop.isRaised { return nil }
            let message = String(cString: pcap_geterr(handle))
            guard message.contains("truncated dump file") else {
                throw CaptureError(
                    code: .damaged,
                    message: "\(path): after \(packets) packets: \(message); the capture is damaged or of a kind that "
                        + "libpcap does not read: `tcpdump -r FILE -w NEW.pcap` saves what can be read")
            }
            truncation =
                "\(path) breaks off after \(packets) packets (\(message)): the capturing program was killed, or the "
                + "file was copied while it was written; everything before that was read"
            return nil
        default:
            return nil
        }
    }

    private static func open(
        _ path: String, _ following: CaptureFollowing?, _ clock: any MonotonicClock, _ stop: StopSignal
    ) throws(CaptureError) -> UnsafeMutablePointer<FILE> {
        // A descriptor of its own for standard input too, so that closing is the same for all.
        let descriptor = path == "-" ? fcntl(0, F_DUPFD_CLOEXEC, 0) : Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0,
            let file = GrowingFile(descriptor, following: following, clock: clock, unless: stop).stream()
        else {
            let reason = String(cString: strerror(errno))
            throw errno == ENOENT
                ? CaptureError(
                    code: .noSuchFile, message: "\(path): no such file; give a capture's path, or - for stdin")
                : CaptureError(code: .notReadable, message: "\(path): cannot be opened: \(reason)")
        }
        let path = path == "-" ? "standard input" : path
        // One byte can always be put back. Captures begin with a1, 0a, 4d, d4 or 34.
        let first = getc(file)
        guard first != EOF else {
            let reason = ferror(file) == 0 ? nil : String(cString: strerror(errno))
            fclose(file)
            throw reason.map { CaptureError(code: .notReadable, message: "\(path): cannot be read: \($0)") }
                ?? CaptureError(code: .empty, message: "\(path) is empty: no packet, and not even a capture's header")
        }
        if first == 0x1F || first == 0x28 || first == 0xFD {
            fclose(file)
            throw CaptureError(
                code: .compressed,
                message: "\(path) seems to be compressed: unpack it into the command, `zcat FILE | scanward replay -`")
        }
        ungetc(first, file)
        return file
    }

    private static func error(opening path: String, message: String) -> CaptureError {
        if message.contains("truncated dump file") {
            return CaptureError(code: .empty, message: "\(path) ends within a capture's header: \(message)")
        }
        return CaptureError(
            code: .notACapture,
            message: "\(path) is not a capture (\(message)): expected a pcap or pcapng file, as "
                + "`tcpdump -i any -w FILE tcp port PORT` writes it")
    }

    /// `tv_usec` holds nanoseconds at the precision that is asked for. Clamped: a file may say anything.
    private static func nanoseconds(_ time: timeval) -> Int64 {
        guard time.tv_sec >= 0, time.tv_usec >= 0 else { return 0 }
        let (whole, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = whole.addingReportingOverflow(Int64(time.tv_usec))
        return overflow || carried ? .max : sum
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
