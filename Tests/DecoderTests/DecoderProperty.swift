import Foundation
import FrameProtocol
import IMRNet
import Ingest
import Inspection
import MonitorConfiguration
import NeuralNetwork
import Threads
import ZeroMQ

/// What every decoder of bytes from outside is held to, whatever the bytes: it refuses with a sentence, or what it
/// accepts holds together. Shared by the tests, over the kept corpus, and by tools/fuzzing, over what libFuzzer thinks of.
///
/// The readers of clouds and meshes have `ReaderProperty`.
enum DecoderProperty: String, CaseIterable, Sendable {
    /// ZMTP in pieces, with a gap.
    case zmtp
    /// A `pcf/1` message: lengths of topic (1 byte) and header (2), then the three parts.
    case frame
    /// Bare arrays: length of the header (2 bytes), header, array; twice, with a silence at the end.
    case array
    /// Packets of any link type into the capture decoder.
    case packets
    /// A whole capture file, by libpcap.
    case pcap
    case safetensors, shard, manifest, settings, verdict
    /// What a consumer asks the replay socket.
    case request
    /// The allow-list.
    case keys
    /// The monitor's YAML.
    case configuration
    /// A part for the workers of a fleet, what a worker answers, and what it sends of the part to be looked at.
    case part, answer, cloud

    /// What does not hold; nil if all is well.
    func violation(_ bytes: [UInt8]) -> String? {
        switch self {
        case .zmtp: zmtpViolation(bytes)
        case .frame: frameViolation(bytes)
        case .array: arrayViolation(bytes)
        case .packets: packetsViolation(bytes)
        case .pcap: pcapViolation(bytes)
        case .safetensors: safetensorsViolation(bytes)
        case .shard: refusalViolation { try PretrainingShard(decoding: bytes) }
        case .manifest: jsonViolation(ModelManifest.self, bytes) { $0.highestGoodScore < 0 ? "a score below 0" : nil }
        case .settings: settingsViolation(bytes)
        case .verdict: jsonViolation(Verdict.self, bytes) { _ in nil }
        case .request: requestViolation(bytes)
        case .keys: keysViolation(bytes)
        case .configuration: configurationViolation(bytes)
        case .part: partViolation(bytes)
        case .answer: answerViolation(bytes)
        case .cloud: cloudViolation(bytes)
        }
    }

    // MARK: Streams and frames

    /// In pieces of the first byte's size, and all at once: the same events, and no more memory than bytes.
    private func zmtpViolation(_ bytes: [UInt8]) -> String? {
        guard bytes.count > 2 else { return nil }
        let start: ZMTPDecoder.Start = bytes[0] & 1 == 0 ? .beginning : .unknown
        let piece = 1 + Int(bytes[0] >> 1)
        let gap = Int(bytes[1])
        let stream = Array(bytes[2...])
        var limits = ZMTPLimits(frameBytes: 600, messageBytes: 900, parts: 6, commandBytes: 200)
        if bytes[0] & 2 == 0 { limits = ZMTPLimits() }
        var results: [[ZMTPEvent]] = []
        for size in [piece, max(1, stream.count)] {
            var decoder = ZMTPDecoder(limits: limits, start: start)
            var events: [ZMTPEvent] = []
            var place = 0
            let middle = stream.count / 2
            while place < stream.count {
                if place == middle, gap > 0 { decoder.skip(UInt64(gap), into: &events) }
                let end = min(place + size, place < middle ? middle : stream.count)
                Array(stream[place..<end]).withUnsafeBufferPointer { decoder.receive($0, into: &events) }
                guard decoder.bufferedBytes <= end else { return "\(decoder.bufferedBytes) bytes held of \(end)" }
                place = end
            }
            decoder.finish(into: &events)
            guard decoder.bufferedBytes == 0 else { return "\(decoder.bufferedBytes) bytes held at the end" }
            results.append(events)
        }
        return results[0] == results[1] ? nil : "pieces of \(piece) bytes give other events"
    }

    private func frameViolation(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 3 else { return nil }
        let topic = min(Int(bytes[0]), bytes.count - 3)
        let header = min(Int(bytes[1]) | Int(bytes[2]) << 8, bytes.count - 3 - topic)
        let rest = bytes[3...]
        var parts = [
            Array(rest.prefix(topic)), Array(rest.dropFirst(topic).prefix(header)),
            Array(rest.dropFirst(topic + header)),
        ]
        // What stands behind the checksum would be hidden by it.
        parts[1] = Self.settingChecksum(of: parts[2], in: parts[1])
        do {
            let frame = try FrameDecoder().decode(parts: parts)
            guard frame.points.count + frame.droppedNonFinite == Int(frame.header.points) else {
                return "\(frame.points.count) points and \(frame.droppedNonFinite) dropped of \(frame.header.points)"
            }
            guard frame.intensities.map({ $0.count == frame.points.count }) ?? true else { return "other intensities" }
            guard frame.points.allSatisfy({ $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }) else {
                return "a point that is not finite"
            }
            let identity = FrameIdentity(parts: parts)
            return identity.seq == frame.header.seq && identity.partID == frame.header.partID
                ? nil : "another identity: \(identity)"
        } catch {
            return error.message.isEmpty || error.message.count > 1000 ? "the message \(error.message)" : nil
        }
    }

    /// What is taken as an array is a frame of the named scanner, with its index and number.
    private func arrayViolation(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 2 else { return nil }
        let length = min(Int(bytes[0]) | Int(bytes[1]) << 8, bytes.count - 2)
        let parts = [Array(bytes[2..<(2 + length)]), Array(bytes[(2 + length)...])]
        var adapter = ArrayAdapter(
            .init(source: "a", unit: .meters, gap: length.isMultiple(of: 2) ? nil : .seconds(1)), session: "s")
        for _ in 0..<2 {
            do throws(FrameRefusal) {
                let message = try adapter.message(of: parts, unixNanoseconds: 1)
                let frame = try FrameDecoder().decode(parts: message)
                guard frame.header.source == "a", message[2] == parts[1] else { return "another frame" }
            } catch {
                let isNamed = error.source == "a" && error.partID != nil && (1...1000).contains(error.message.count)
                guard isNamed else { return "the refusal \(error)" }
            }
        }
        let wasOpen = adapter.isPartOpen
        let end = adapter.end(unixNanoseconds: 2)
        guard wasOpen == (end != nil), !adapter.isPartOpen else { return "a part that does not end" }
        let frame = end.flatMap { try? FrameDecoder().decode(parts: $0) }
        return frame?.header.endOfPart ?? !wasOpen ? nil : "an end that is none"
    }

    private static func settingChecksum(of points: [UInt8], in header: [UInt8]) -> [UInt8] {
        let key = Array("\"crc32\": ".utf8)
        guard header.count > key.count,
            let place = (0..<(header.count - key.count)).first(where: { header[$0...].starts(with: key) })
        else { return header }
        let first = place + key.count
        let end = header[first...].firstIndex { $0 < 0x30 || $0 > 0x39 } ?? header.count
        return header[..<first] + Array("\(Checksum.crc32(points))".utf8) + header[end...]
    }

    // MARK: Requests and lists

    /// An accepted request is bounded, and written it is accepted again, the same.
    private func requestViolation(_ bytes: [UInt8]) -> String? {
        do throws(ReplayRefusal) {
            let request = try ReplayRequest.decode(bytes)
            if case .verdicts(let wanted) = request {
                guard (1...ReplayRequest.maximumCredit).contains(wanted.credit) else {
                    return "credit \(wanted.credit)"
                }
                guard wanted.fromSeq != nil || wanted.consumer != nil else { return "from nowhere" }
            }
            return try ReplayRequest.decode(request.json) == request ? nil : "another request"
        } catch {
            return error.message.isEmpty || error.message.count > 1000 ? "the message \(error.message)" : nil
        }
    }

    /// Every key of an accepted list admits its owner, and the list's text gives the list.
    private func keysViolation(_ bytes: [UInt8]) -> String? {
        do throws(AllowList.Damage) {
            let list = try AllowList(text: String(decoding: bytes, as: UTF8.self))
            guard list.entries.allSatisfy({ list.name(of: $0.key) == $0.name }) else { return "another owner" }
            let text = list.entries.map { "\($0.name) \($0.key)\n" }.joined()
            return try AllowList(text: text) == list ? nil : "another list"
        } catch {
            return error.message.isEmpty || error.message.count > 1000 ? "the message \(error.message)" : nil
        }
    }

    /// Every fault has a place and a sentence on one line; what has none is within its bounds, and reads the same again.
    private func configurationViolation(_ bytes: [UInt8]) -> String? {
        let file = ConfigurationFile(String(decoding: bytes, as: UTF8.self), named: "f")
        let effective = EffectiveConfiguration(file: file, folder: "/base")
        for fault in effective.faults {
            guard !fault.message.isEmpty, fault.description.utf8.count < 20_000 else { return "the message \(fault)" }
            guard !fault.description.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            else {
                return "a control character in \(fault)"
            }
            if case .file(_, let line, let column) = fault.origin, line < 1 || column < 1 {
                return "line \(line):\(column)"
            }
        }
        let again = EffectiveConfiguration(file: file, folder: "/base")
        guard again.faults == effective.faults, effective.differences(to: again).isEmpty else {
            return "another reading"
        }
        guard effective.errors.isEmpty else { return nil }
        let settings = MonitorSettings(effective)
        guard !settings.models.isEmpty || settings.partTypes.contains(where: { $0.model != nil }) else {
            return "no models"
        }
        guard settings.partTypes.allSatisfy({ ($0.threshold ?? 1) > 0 && !$0.name.isEmpty }) else {
            return "a threshold"
        }
        guard settings.partDeadlineSeconds > 0, settings.openParts > 0, settings.framesPerPart > 0,
            settings.pointsPerPart > 0, (settings.threads ?? 1) > 0, settings.keepDays > 0, settings.keepMiB > 0
        else { return "a limit that is none" }
        guard (settings.models + [settings.stateFolder ?? "/"]).allSatisfy({ $0.hasPrefix("/") }) else {
            return "a path that begins nowhere"
        }
        return settings.input == nil ? "no source" : nil
    }

    // MARK: Captures

    /// First byte: link type; second: how tight the limits are. Then packets: length (2 bytes), what was cut off and
    /// time that passed (1 byte), bytes.
    private func packetsViolation(_ bytes: [UInt8]) -> String? {
        guard bytes.count > 2 else { return nil }
        let type = LinkType.allCases[Int(bytes[0]) % LinkType.allCases.count]
        var limits = CaptureLimits()
        if bytes[1] & 1 != 0 {
            limits = CaptureLimits(
                tcp: TCPLimits(waitingBytes: 2000, waitingSegments: 4, settlingSegments: 3, streams: 3),
                fragments: FragmentLimits(datagrams: 2, bytes: 1000, pieces: 3), bufferedBytes: 3000,
                listedConnections: 2, listedLosses: 2)
        }
        var decoder = CaptureDecoder(limits: limits)
        var messages = 0, packets = 0
        var time: Int64 = 1_700_000_000_000_000_000
        var rest = bytes[2...]
        while rest.count >= 3 {
            let header = Array(rest.prefix(3))
            let length = min(Int(header[0]) | Int(header[1]) << 8, rest.count - 3)
            let packet = Array(rest.dropFirst(3).prefix(length))
            rest = rest.dropFirst(3 + length)
            time += Int64(header[2] >> 4) << 30
            packets += 1
            messages +=
                decoder.receive(
                    CapturePacket(
                        timestampNanoseconds: time, linkType: type.rawValue, bytes: packet,
                        originalLength: packet.count + Int(header[2] & 15) * 100)
                ).count
            guard decoder.bufferedBytes <= limits.bufferedBytes else { return "\(decoder.bufferedBytes) bytes held" }
        }
        messages += decoder.finish().count
        let statistics = decoder.statistics
        guard decoder.bufferedBytes == 0 else { return "\(decoder.bufferedBytes) bytes held at the end" }
        guard statistics.packets == packets, statistics.total.messages == messages else { return "other counts" }
        let fragments = statistics.fragments
        let refused = statistics.rejections.values.reduce(0, +)
        guard statistics.tcpPackets + refused + fragments.received >= packets else { return "a packet is not counted" }
        guard statistics.losses.count <= limits.listedLosses else { return "\(statistics.losses.count) losses listed" }
        guard (statistics.frames > 0) == (statistics.explanation == nil) else { return "the explanation" }
        return statistics.report.contains { $0.isEmpty } ? "an empty line" : nil
    }

    private func pcapViolation(_ bytes: [UInt8]) -> String? {
        let path = FileManager.default.temporaryDirectory.path + "/decoder-\(getpid()).pcap"
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else { return "no room for a file" }
        defer { unlink(path) }
        do {
            let source = try CaptureFrameSource(path: path)
            var count = 0
            while source.next(deadline: nil).element != nil { count += 1 }
            guard source.counters.total.messages == count else { return "other counts" }
            return source.failure.map { $0.isEmpty } ?? false ? "an empty failure" : nil
        } catch {
            return error.message.isEmpty ? "an empty message" : nil
        }
    }

    // MARK: Files

    private func safetensorsViolation(_ bytes: [UInt8]) -> String? {
        do {
            let tensors = try SafeTensors(decoding: bytes)
            let again = try SafeTensors(decoding: tensors.encoded())
            guard tensors.metadata == again.metadata, tensors.tensors.keys == again.tensors.keys else {
                return "other tensors"
            }
            for (name, tensor) in tensors.tensors {
                guard let other = again.tensors[name], other.shape == tensor.shape,
                    zip(other.values, tensor.values).allSatisfy({ $0 == $1 || ($0.isNaN && $1.isNaN) })
                else { return "tensor \(name) is another one" }
            }
            return nil
        } catch {
            return "\(error)".isEmpty ? "an empty message" : nil
        }
    }

    /// The settings of a model, among files that are none: what they ask for is judged before anything is built.
    private func settingsViolation(_ bytes: [UInt8]) -> String? {
        let nothing = SafeTensors().encoded()
        return refusalViolation {
            try PartModel(
                partType: "p", threshold: Threshold(scoresByPart: [[1], [1.1]]),
                files: [
                    PartModel.settingsFile: bytes, PartModel.templateFile: nothing, PartModel.calibrationFile: nothing,
                    PartModel.weightsFile: nothing,
                ])
        }
    }

    private func refusalViolation(_ body: () throws -> some Any) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return "\(error)".isEmpty ? "an empty message" : nil
        }
    }

    /// What was accepted once is written and accepted again, the same.
    private func jsonViolation<Value: Codable & Equatable>(
        _ type: Value.Type, _ bytes: [UInt8], _ holds: (Value) -> String?
    ) -> String? {
        guard let value = try? JSONDecoder().decode(type, from: Data(bytes)) else { return nil }
        if let violation = holds(value) { return violation }
        do {
            let again = try JSONDecoder().decode(type, from: JSONEncoder().encode(value))
            return again == value ? nil : "another value"
        } catch {
            return "what was accepted once is refused: \(error)"
        }
    }
}

extension QueueDelivery {
    fileprivate var element: Element? { if case .element(let element) = self { element } else { nil } }
}
