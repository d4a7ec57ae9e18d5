import Fleet
import FrameProtocol
import HeatMaps

/// What comes to the workers of a fleet, and from them.
extension DecoderProperty {
    /// What is taken is a part with as many points as it says; written it is the same.
    func partViolation(_ bytes: [UInt8]) -> String? {
        var bytes = bytes
        if bytes.count >= 24 {
            // What stands behind the checksum would be hidden by it.
            withUnsafeBytes(of: Checksum.crc32(Array(bytes[24...])).littleEndian) {
                bytes.replaceSubrange(4..<8, with: $0)
            }
        }
        let message: PartMessage
        do throws(FleetError) {
            message = try PartMessage(whole: bytes)
        } catch {
            return (1...2000).contains(error.message.count) ? nil : "the message \(error.message)"
        }
        if let points = try? message.points(), points.count != message.ticket.points {
            return "\(points.count) points of \(message.ticket.points)"
        }
        guard let again = try? PartMessage(whole: message.encoded()), again == message else { return "another part" }
        return nil
    }

    func answerViolation(_ bytes: [UInt8]) -> String? {
        let answer: FleetAnswer
        do throws(FleetError) {
            answer = try FleetAnswer(bytes)
        } catch {
            return (1...1000).contains(error.message.count) ? nil : "the message \(error.message)"
        }
        guard let again = try? FleetAnswer(answer.encoded()), again == answer else { return "another answer" }
        return nil
    }

    /// The head as it is, and what follows it: the cloud or, where the head says so, its pieces; and the same bytes as the cloud
    /// itself, which no checksum hides. What is taken is the same once it is written.
    func cloudViolation(_ bytes: [UInt8]) -> String? {
        do throws(FleetError) {
            let received = try CloudMessage.Received(bytes)
            let body = bytes.drop { $0 != UInt8(ascii: "\n") }.dropFirst()
            let size = max(1, body.count / max(1, received.pieces))
            let pieces = (0..<received.pieces).map { index in
                Array(body.dropFirst(index * size).prefix(index == received.pieces - 1 ? .max : size))
            }
            let message = try received.message(pieces: pieces)
            // Whole, and in so many pieces as the head may name.
            for limit in [8 << 20, PartMessage.margin + 40 + message.cloud.count / 1000] {
                guard let (head, pieces) = try? message.encoded(limit: limit), pieces.isEmpty == (limit == 8 << 20),
                    (try? CloudMessage.Received(head).message(pieces: pieces)) == message
                else { return "another cloud" }
            }
            return viewViolation(message.cloud)
        } catch {
            guard (1...1000).contains(error.message.count) else { return "the message \(error.message)" }
        }
        return viewViolation(bytes)
    }

    private func viewViolation(_ bytes: [UInt8]) -> String? {
        do throws(PartCloudError) {
            let cloud = try PartCloud(reading: bytes)
            guard let written = try? cloud.bytes() else { return "a cloud that cannot be written" }
            let again = try PartCloud(reading: written)
            // Not by ==: an array may hold what is no number.
            guard again.header == cloud.header, (try? again.bytes()) == written else { return "another view" }
            let map = cloud.map
            let counts = [map.points.count, map.fused.count] + map.channels.values.map(\.count)
            return counts.allSatisfy { $0 == cloud.header.points } ? nil : "\(counts) of \(cloud.header.points) points"
        } catch {
            return (1...1000).contains(error.description.count) ? nil : "the message \(error.description)"
        }
    }
}
