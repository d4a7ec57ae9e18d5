import FrameProtocol
import TestCaptures
import Testing

/// Row 12: of captures with segments lost, reordered and repeated, what is wholly there is recovered, and nothing else.
@Suite(Faults.timeLimit) struct DamagedCaptureTests {
    private struct Tally {
        var sent = 0, whole = 0, recovered = 0, wrong = 0, lostSegments = 0, beyond = 0

        var share: Double { whole == 0 ? 1 : Double(recovered) / Double(whole) }
    }

    private static let captures = Faults.length(2, full: 25)
    private static let messages = Faults.length(300, full: 1000)

    @Test(arguments: [0.001, 0.01, 0.05])
    func recoversWhatIsWhollyThere(_ loss: Double) throws {
        var tally = Tally()
        for number in 0..<Self.captures {
            var damage = DamagedCapture.Damage()
            damage.loss = loss
            damage.startsInTheMiddle = number % 5 == 4
            damage.closing = [.rst, .fin, .none][number % 3]
            var builder = PacketBuilder()
            builder.isIPv6 = number % 2 == 1
            try decode(
                try DamagedCapture(
                    seed: UInt64(number) + UInt64(loss * 1e6), messages: Self.messages, damage, builder: builder),
                &tally)
        }
        Faults.report(
            row: 12,
            "\(loss * 100) % of segments lost (\(tally.lostSegments)), reordered within 64, 1 % repeated: "
                + "\(tally.recovered) of \(tally.whole) wholly present messages recovered (of \(tally.sent) sent; "
                + "\(tally.beyond) more), \(tally.wrong) wrong frames accepted")
        #expect(tally.share >= 0.999 && tally.wrong == 0)
        // The damage was real, and not so great that little was left to find.
        #expect(tally.lostSegments > 0 && tally.whole > tally.sent / 4 && tally.whole < tally.sent)
    }

    private func decode(_ capture: DamagedCapture, _ tally: inout Tally) throws {
        var decoder = CaptureDecoder()
        var found = capture.packets.flatMap { decoder.receive($0) }
        found += decoder.finish()
        let frames = FrameDecoder()
        var numbers: Set<Int> = []
        for message in found where message.isFrame {
            guard let frame = try? frames.decode(parts: message.parts) else { continue }
            let number = Int(frame.header.seq)
            if number < capture.sent.count, message.parts == capture.sent[number] {
                numbers.insert(number)
            } else {
                tally.wrong += 1
            }
        }
        let whole = Set(capture.whole)
        for number in whole.subtracting(numbers).sorted() where !Faults.isFull { print("not recovered: \(number)") }
        tally.sent += capture.sent.count
        tally.whole += whole.count
        tally.recovered += whole.intersection(numbers).count
        tally.beyond += numbers.subtracting(whole).count
        tally.lostSegments += capture.lostSegments
        // Whatever is missing is told.
        let statistics = decoder.statistics
        #expect(statistics.total.gaps == 0 || statistics.lossCount > 0)
        #expect(decoder.bufferedBytes == 0)
    }
}
