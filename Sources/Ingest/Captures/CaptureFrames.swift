import FrameProtocol

/// The messages of a capture file that claim to be frames, in the order in which they were complete.
///
/// Belongs to one thread.
final class CaptureFrames {
    /// Whole messages that are no frames.
    private(set) var foreignMessages = 0

    private let reader: CaptureReader
    private var decoder: CaptureDecoder
    private var ready: [CaptureMessage] = []
    private var taken = 0
    private var hasEnded = false

    init(path: String, limits: CaptureLimits) throws(CaptureError) {
        reader = try CaptureReader(path: path)
        decoder = CaptureDecoder(limits: limits)
    }

    var statistics: CaptureStatistics { decoder.statistics }

    var truncation: String? { reader.truncation }

    /// The next message, or nil at the end.
    func next() throws(CaptureError) -> CaptureMessage? {
        while true {
            while taken < ready.count {
                let message = ready[taken]
                taken += 1
                if message.isFrame { return message }
                foreignMessages += 1
            }
            ready.removeAll(keepingCapacity: true)
            taken = 0
            guard !hasEnded else { return nil }
            if let packet = try reader.next() {
                ready = decoder.receive(packet)
            } else {
                hasEnded = true
                ready = decoder.finish()
            }
        }
    }

    /// What to say of a capture that held no frame at all.
    var noFrames: CaptureError {
        let explanation = statistics.explanation ?? "The capture holds no frame that could be read."
        let message = [explanation, truncation].compactMap { $0 }.joined(separator: " ")
        return CaptureError(code: .noFrames, message: "\(reader.path): \(message)")
    }
}

extension CaptureMessage {
    /// The time stamp as the rest of the program counts; a time before 1970 is 1970.
    var unixNanoseconds: UInt64 { UInt64(max(0, timestampNanoseconds)) }

    var byteCount: Int { parts.reduce(0) { $0 + $1.count } }
}
