import FrameProtocol
import Testing

/// Recordings that are read one after another by one decoder.
struct CaptureEncoderTests {
    private func decode(_ files: [[UInt8]], limits: CaptureLimits = CaptureLimits()) -> [[[UInt8]]] {
        var decoder = CaptureDecoder(limits: limits)
        var messages = files.flatMap(PcapFile.packets).flatMap { decoder.receive($0) }
        messages += decoder.finish()
        #expect(decoder.statistics.lossCount == 0 && decoder.statistics.repeatedBytes == 0)
        return messages.map(\.parts)
    }

    private func message(_ number: Int) -> [[UInt8]] { [Array("pcf/1/a".utf8), [UInt8(number & 255)], [1, 2, 3]] }

    /// The same ports each time, and initial sequence numbers that are near, far, and about to wrap.
    @Test func eachRecordingHasConnectionsOfItsOwn() {
        var files: [[UInt8]] = []
        var sent: [[[UInt8]]] = []
        for (run, initial) in ([0, 1, 2, 5_000_000, 4_000_000_000, .max, 77] as [UInt32]).enumerated() {
            var encoder = CaptureEncoder(serverPort: 5600, initialSequence: initial)
            var file = CaptureEncoder.fileHeader
            for number in 0..<6 {
                let message = message(run * 6 + number)
                file += encoder.encode(
                    message, from: "source \(number % 2)", at: UInt64(run * 10 + number) * 1_000_000_000)
                sent.append(message)
            }
            files.append(file)
        }
        #expect(decode(files) == sent)
    }

    /// After 16,384 flows the ports begin anew.
    @Test func aPortThatIsUsedAgainIsAnotherConnection() {
        var encoder = CaptureEncoder(serverPort: 5600, firstPort: 65535, initialSequence: 9)
        var files: [[UInt8]] = []
        for number in 0..<16_400 {
            files.append(CaptureEncoder.fileHeader + encoder.encode(message(number), from: "a", at: UInt64(number)))
            encoder.beginFile()
        }
        var limits = CaptureLimits()
        limits.tcp.streams = 20_000
        let found = decode(files, limits: limits)
        #expect(found.count == 16_400 && found == (0..<16_400).map(message))
    }
}
