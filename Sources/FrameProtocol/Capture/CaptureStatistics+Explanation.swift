extension CaptureStatistics {
    /// Why the capture gave no frame, in sentences that name what it held and what to do; nil when it gave one.
    public var explanation: String? {
        if frames > 0 { return nil }
        guard packets > 0 else { return "The capture holds no packets." }
        guard tcpPackets > 0 else {
            return "None of the capture's \(packets) packets is TCP over IPv4 or IPv6 (\(rejectionList)). "
                + "Capture on the interface that the scanner's frames pass: `tcpdump -i any -s 0 -w FILE tcp port PORT`; "
                + "ipc and inproc sockets pass none. What comes over ipc is recorded at the monitor: "
                + "`scanward record FOLDER --bind ENDPOINT`, then replay FOLDER."
        }
        let opening =
            "No pcf/1 frame in \(packets) packets (\(tcpPackets) TCP, \(connections.count + unlistedConnections) "
            + "connections, \(total.bytes) bytes of payload, \(total.gapBytes) missing)."
        var sentences = [opening]
        sentences += connections.filter { $0.toServer.bytes + $0.toClient.bytes > 0 }.prefix(4).map(\.sentence)
        sentences.append(diagnosis)
        return sentences.joined(separator: " ")
    }

    private var rejectionList: String {
        rejections.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .map { reason, count in
                let types = unsupportedLinkTypes.sorted().map(LinkType.name).joined(separator: ", ")
                return reason == .unsupportedLinkType
                    ? "\(count): \(reason.rawValue) \(types), of those that are read (\(LinkType.readable))"
                    : "\(count): \(reason.rawValue)"
            }
            .joined(separator: "; ") + (fragments.incomplete > 0 ? "; \(fragments.incomplete) datagrams in pieces" : "")
    }

    /// The likeliest cause, and what to do.
    private var diagnosis: String {
        let directions = connections.flatMap { [$0.toServer, $0.toClient] }
        let hidden = Set(directions.compactMap(\.greeting).filter { !$0.isReadable }.map(\.mechanism)).sorted()
        if !hidden.isEmpty {
            let names = hidden.prefix(3).map(word).joined(separator: ", ")
            let opening = "\(names) hides topic and part boundaries: such a capture cannot be replayed"
            return hidden.contains("CURVE")
                ? opening
                    + ". Record at the monitor instead: `scanward record FOLDER --bind ENDPOINT --curve-secret FILE "
                    + "--allow-list FILE`, then replay FOLDER."
                : opening + "; capture on a link without \(names)."
        }
        if total.bytes == 0 { return "The connections carried no data while the capture ran: capture for longer." }
        if total.messages > 0 {
            let topic = directions.compactMap(\.otherTopic).first ?? []
            return "The \(total.messages) messages are not frames: the first begins with "
                + "\(quoted(String(decoding: topic, as: UTF8.self))), expected a topic pcf/1/<source>."
        }
        if total.lostMessages > 0 || total.gapBytes > 0 {
            return "Each message has missing bytes: capture with `-s 0` and a larger buffer (tcpdump -B 65536)."
        }
        if directions.contains(where: { $0.greeting != nil }) {
            return "ZeroMQ peers connected, but sent no message while the capture ran."
        }
        if total.faults[.unsupportedVersion] != nil { return "The peers speak a version before ZMTP 3." }
        if total.faults[.notZMTP] != nil { return "None of the connections is ZeroMQ: check the port." }
        return "The capture begins in the middle of its connections and holds no pcf/1 topic from there on: "
            + "check the port, or start it before the scanner connects."
    }
}

extension CaptureConnection {
    /// The connection in one sentence.
    fileprivate var sentence: String {
        let protocolName =
            switch (mechanism, toServer.lastFault?.code ?? toClient.lastFault?.code) {
            case (let mechanism?, _): "ZMTP \(word(mechanism))"
            case (nil, .notZMTP?): "not ZMTP"
            case (nil, .unsupportedVersion?): "ZMTP 2 or older"
            default: "no greeting seen"
            }
        let types = (toServer.socketType, toClient.socketType)
        let sockets =
            types.0 == nil && types.1 == nil ? "" : ", \(types.0.map(word) ?? "?") to \(types.1.map(word) ?? "?")"
        return "\(client) -> \(server): \(protocolName)\(sockets), \(toServer.bytes) bytes there, "
            + "\(toClient.bytes) back, \(toServer.messages + toClient.messages) messages."
    }
}

/// A name that a peer gave, as it is where it is one that may be (RFC 37: capital letters, digits, `-`, `_`, `.`, `+`), else
/// quoted.
private func word(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-_.+".utf8.contains(byte)
        }
    }
    return isPlain && !name.isEmpty ? name : quoted(name)
}
