/// Makes `pcf/1` messages of bare arrays, so that a scanner whose program sends only those is served without a change to it.
///
/// A bare array is a message of two parts, a JSON header and the numbers (`ArrayHeader`). What it does not say is told here: whose
/// it is, in which unit, and where parts end. What comes out is an ordinary message: it is checked, counted and recorded as any
/// other. Belongs to one socket.
public struct ArrayAdapter: Sendable {
    /// What the arrays do not say themselves.
    public struct Configuration: Sendable, Equatable {
        /// The scanner's id.
        public var source: String
        /// Of the coordinates.
        public var unit: LengthUnit
        /// A part ends when no array came for so long; nil: each array is a part of its own.
        public var gap: Duration?

        public init(source: String, unit: LengthUnit, gap: Duration? = nil) {
            self.source = source
            self.unit = unit
            self.gap = gap
        }
    }

    public let configuration: Configuration
    private let limits: FrameLimits
    private let name: String
    private var restarts = 0
    private var sequence: UInt64 = 0
    private var number: UInt64?
    private var open: OpenPart?
    private var parts: UInt64 = 0

    private struct OpenPart {
        let id: String
        var index: UInt32
    }

    /// - Parameter session: as no array has one; random for each start where none is given.
    public init(
        _ configuration: Configuration, session: String = String(UInt64.random(in: .min ... .max), radix: 16),
        limits: FrameLimits = FrameLimits()
    ) {
        self.configuration = configuration
        self.limits = limits
        name = session
    }

    /// Whether a message may be a bare array: its first part begins an object, which no topic does.
    public static func isArray(_ parts: [[UInt8]]) -> Bool { parts.first?.first == UInt8(ascii: "{") }

    /// Whether a part waits for `end(unixNanoseconds:)`.
    public var isPartOpen: Bool { open != nil }

    /// After how much silence the open part has ended; nil if none is open.
    public var awaitedSilence: Duration? { isPartOpen ? configuration.gap : nil }

    /// The `pcf/1` message of an array that came at `unixNanoseconds` (since the Unix epoch), which stands for its capture time.
    ///
    /// PSI's frame numbers count what was lost on the way; one that does not rise begins a new session, as a restarted program does.
    /// - Parameter discardedBytes: as of `FrameDecoder.decode`.
    /// - Throws: a refusal with the part's identity: its part is not whole then.
    /// - Complexity: O(bytes), the checksum; the points are not copied.
    public mutating func message(
        of parts: [[UInt8]], discardedBytes: Int = 0, unixNanoseconds: UInt64
    ) throws(FrameRefusal) -> [[UInt8]] {
        let header: Result<ArrayHeader, FrameRefusal>
        do throws(FrameRefusal) {
            header = .success(try read(parts, discardedBytes))
        } catch {
            header = .failure(error)
        }
        let lost = lost(before: try? header.get().number)
        sequence &+= lost
        var place = open ?? OpenPart(id: newPartID(unixNanoseconds), index: 0)
        if configuration.gap != nil { place.index &+= UInt32(clamping: lost) }
        defer {
            sequence &+= 1
            open = configuration.gap == nil ? nil : OpenPart(id: place.id, index: place.index &+ 1)
        }
        do throws(FrameRefusal) {
            let array = try header.get()
            var frame = frame(place, isEnd: configuration.gap == nil, unixNanoseconds)
            guard let points = UInt32(exactly: array.rows) else {
                throw FrameRefusal(
                    .tooManyPoints, in: "array header key \"shape\"", expected: "at most \(limits.points) points",
                    found: "\(array.rows)", advice: "split the scan into several arrays of one part")
            }
            frame.points = points
            frame.pointStep = UInt32(array.columns * array.dtype.byteCount)
            frame.fields = FrameField.packed(["x", "y", "z"], as: array.dtype)
            return try FrameEncoder(limits: limits).encode(frame, records: parts[1])
        } catch {
            throw FrameRefusal(
                reason: error.reason, message: error.message, source: configuration.source, session: session,
                partID: place.id, seq: sequence)
        }
    }

    /// The message, without points, that ends the open part; nil if none is open.
    public mutating func end(unixNanoseconds: UInt64) -> [[UInt8]]? {
        guard let place = open else { return nil }
        open = nil
        defer { sequence &+= 1 }
        return try? FrameEncoder(limits: limits).encode(frame(place, isEnd: true, unixNanoseconds), records: [])
    }

    private var session: String { restarts == 0 ? name : "\(name)-\(restarts)" }

    private func frame(_ place: OpenPart, isEnd: Bool, _ time: UInt64) -> FrameHeader {
        FrameHeader(
            source: configuration.source, session: session, seq: sequence, partID: place.id, frameIndex: place.index,
            endOfPart: isEnd, captureNanoseconds: time, unit: configuration.unit)
    }

    /// Milliseconds since the Unix epoch and a running number: no two are the same, over restarts too.
    private mutating func newPartID(_ time: UInt64) -> String {
        parts += 1
        return "\(time / 1_000_000)-\(parts)"
    }

    /// Arrays that PSI's number says were lost before this one.
    private mutating func lost(before number: UInt64?) -> UInt64 {
        guard let number else { return 0 }
        defer { self.number = number }
        guard let previous = self.number else { return 0 }
        if number > previous { return number - previous - 1 }
        // The part that was open stays as it is: the assembler closes it as of the former session.
        restarts += 1
        sequence = 0
        open = nil
        return 0
    }

    private func read(_ parts: [[UInt8]], _ discardedBytes: Int) throws(FrameRefusal) -> ArrayHeader {
        let bytes = parts.reduce(discardedBytes) { $0 + $1.count }
        guard bytes <= limits.frameBytes, discardedBytes == 0 else {
            throw FrameRefusal(
                .frameTooLarge, in: "message", expected: "at most \(limits.frameBytes) bytes", found: "\(bytes)",
                advice: "split the scan into several arrays of one part")
        }
        guard parts.count == 2 else {
            throw FrameRefusal(
                parts.count < 2 ? .tooFewParts : .invalidValue, in: "message",
                expected: "2 parts, a JSON header and one array", found: "\(parts.count)",
                advice: "send one array at a time (pyzmq: send_json(..., SNDMORE), send(array))")
        }
        guard parts[0].count <= limits.headerBytes else {
            throw FrameRefusal(
                .headerTooLarge, in: "array header (part 0)", expected: "at most \(limits.headerBytes) bytes",
                found: "\(parts[0].count)", advice: "send bulky data elsewhere")
        }
        var scanner = JSONScanner(parts[0])
        let members: [JSONMember]
        do throws(JSONFault) {
            members = try scanner.scanObject()
        } catch {
            throw FrameRefusal(
                reason: error.duplicateKey == nil ? .malformedHeader : .duplicateKey,
                message:
                    "array header (part 0), byte \(error.offset): \(error.message); send one strict JSON object in UTF-8"
            )
        }
        return try ArrayHeader(members)
    }
}
