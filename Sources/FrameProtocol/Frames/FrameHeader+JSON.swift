extension FrameHeader {
    static let sourceRule = "1 to 64 of A-Z a-z 0-9 . _ -"
    static let uint32Rule = "an integer 0 to 4294967295"
    static let uint64Rule = "an integer 0 to 18446744073709551615"

    /// Reads the members of the header's object: each key's type and range. What two keys say about each other is
    /// `validate`'s matter.
    ///
    /// - Parameter json: the bytes that the members were scanned from; `user` is copied out of them.
    /// - Parameter unknown: receives the first 64 of the keys that were passed over.
    init(_ members: [JSONMember], json: [UInt8], unknown names: inout [String]) throws(FrameRefusal) {
        var unknown = UnknownKeys()
        var keys = HeaderKeys(members)
        _ = try keys.required("schema", "\"\(Self.schema)\"", refusing: .unknownSchema) {
            $0.string == Self.schema ? true : nil
        }
        self.init(
            source: try keys.required("source", Self.sourceRule) {
                $0.string.flatMap { Self.isSource($0) ? $0 : nil }
            },
            session: try keys.required("session", "1 to 64 characters, no control characters") { $0.name(of: 1...64) },
            seq: try keys.required("seq", Self.uint64Rule) { $0.uint64 },
            partID: try keys.required("part_id", "1 to 128 characters, no control characters") { $0.name(of: 1...128) },
            frameIndex: try keys.required("frame_index", Self.uint32Rule) { $0.uint32 },
            endOfPart: try keys.required("end_of_part", "true or false") { $0.bool },
            captureNanoseconds: try keys.required("t_capture_ns", Self.uint64Rule) { $0.uint64 },
            unit: try keys.required("unit", "\"mm\", \"m\" or \"um\"", refusing: .unknownUnit) {
                $0.string.flatMap(LengthUnit.init(rawValue:))
            })
        framesTotal = try keys.optional("frames_total", Self.uint32Rule) { $0.uint32 }
        partType = try keys.optional("part_type", "0 to 128 characters, no control characters") { $0.name(of: 0...128) }
        sendNanoseconds = try keys.optional("t_send_ns", Self.uint64Rule) { $0.uint64 }
        clock = try keys.optional("clock", "\"utc\", \"ptp\" or \"device\"") {
            $0.string.flatMap(Clock.init(rawValue:))
        }
        _ = try keys.optional("encoding", "\"raw\"", refusing: .unknownEncoding) { $0.string == "raw" ? true : nil }
        points = try keys.required("points", Self.uint32Rule) { $0.uint32 }
        pointStep = try keys.required("point_step", Self.uint32Rule) { $0.uint32 }
        height = try keys.optional("height", Self.uint32Rule) { $0.uint32 }
        width = try keys.optional("width", Self.uint32Rule) { $0.uint32 }
        isDense = try keys.optional("is_dense", "true or false") { $0.bool }
        crc32 = try keys.required("crc32", "\(Self.uint32Rule) (unsigned)") { $0.uint32 }
        user = try keys.optional("user", "an object") {
            $0.members == nil ? nil : String(decoding: json[$0.range], as: UTF8.self)
        }
        fields = []
        for (index, field) in try keys.required("fields", "an array of objects", { $0.elements }).enumerated() {
            fields.append(try Self.readField(field, at: index, unknown: &unknown))
        }
        if let members = try keys.optional("pose", "an object {t, q}", { $0.members }) {
            pose = try Self.readPose(members, unknown: &unknown)
        }
        names = Array((keys.untaken.prefix(UnknownKeys.limit) + unknown.names).prefix(UnknownKeys.limit))
    }

    private static func readField(
        _ value: JSONValue, at index: Int, unknown: inout UnknownKeys
    ) throws(FrameRefusal) -> FrameField {
        guard let members = value.members else {
            throw FrameRefusal(
                .invalidValue, in: "header key \"fields[\(index)]\" (byte \(value.range.lowerBound))",
                expected: "an object {name, offset, dtype}", found: value.description,
                advice: "describe each number of a record by one object")
        }
        var keys = HeaderKeys(members, prefix: "fields[\(index)].")
        let field = FrameField(
            name: try keys.required("name", "a string") { $0.string },
            offset: try keys.required("offset", uint32Rule) { $0.uint32 },
            dtype: try keys.required("dtype", "one of \(dtypeList)", refusing: .unknownDtype) {
                $0.string.flatMap(ScalarType.init(rawValue:))
            })
        unknown.insert(keys.untaken, prefix: "fields[].")
        return field
    }

    private static func readPose(
        _ members: [JSONMember], unknown: inout UnknownKeys
    ) throws(FrameRefusal) -> FramePose {
        var keys = HeaderKeys(members, prefix: "pose.")
        let t = try keys.required("t", "3 finite numbers") { $0.doubles(3) }
        let q = try keys.required("q", "4 finite numbers x, y, z, w") { $0.doubles(4) }
        unknown.insert(keys.untaken, prefix: "pose.")
        return FramePose(translation: SIMD3(t), quaternion: SIMD4(q))
    }

    private static var dtypeList: String {
        ScalarType.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " ")
    }

    /// The header as JSON, keys in the order of the format's table.
    var json: String {
        var members: [(String, String)] = [
            ("schema", JSONText.string(Self.schema)), ("source", JSONText.string(source)),
            ("session", JSONText.string(session)), ("seq", "\(seq)"), ("part_id", JSONText.string(partID)),
            ("frame_index", "\(frameIndex)"), ("end_of_part", "\(endOfPart)"),
        ]
        if let framesTotal { members.append(("frames_total", "\(framesTotal)")) }
        if let partType { members.append(("part_type", JSONText.string(partType))) }
        members.append(("t_capture_ns", "\(captureNanoseconds)"))
        if let sendNanoseconds { members.append(("t_send_ns", "\(sendNanoseconds)")) }
        if let clock { members.append(("clock", JSONText.string(clock.rawValue))) }
        members += [
            ("unit", JSONText.string(unit.rawValue)), ("points", "\(points)"), ("point_step", "\(pointStep)"),
        ]
        if let height { members.append(("height", "\(height)")) }
        if let width { members.append(("width", "\(width)")) }
        if let isDense { members.append(("is_dense", "\(isDense)")) }
        let fieldTexts = fields.map {
            "{\"name\": \(JSONText.string($0.name)), \"offset\": \($0.offset), \"dtype\": \"\($0.dtype.rawValue)\"}"
        }
        members.append(("fields", "[\(fieldTexts.joined(separator: ", "))]"))
        if let pose {
            let t = JSONText.array((0..<3).map { pose.translation[$0] })
            let q = JSONText.array((0..<4).map { pose.quaternion[$0] })
            members.append(("pose", "{\"t\": \(t), \"q\": \(q)}"))
        }
        members.append(("crc32", "\(crc32)"))
        if let user { members.append(("user", user)) }
        return "{" + members.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
    }
}
