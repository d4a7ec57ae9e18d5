extension FrameHeader {
    /// Checks what the keys say about each other: the fields of a record, the organised size, the pose.
    /// O(fields log fields).
    func validate() throws(FrameRefusal) {
        try validateFields()
        switch (height, width) {
        case (nil, nil): break
        case (let height?, let width?):
            guard UInt64(height) * UInt64(width) == UInt64(points) else {
                throw FrameRefusal(
                    .sizeMismatch, in: "header keys \"height\", \"width\"",
                    expected: "height * width = points = \(points)",
                    found: "\(height) * \(width) = \(UInt64(height) * UInt64(width))",
                    advice: "send all three of the same cloud, or leave height and width out")
            }
        case (let height, _):
            throw FrameRefusal(
                .missingKey, in: "header", expected: "\"height\" and \"width\" together",
                found: height == nil ? "only \"width\"" : "only \"height\"", advice: "send both or neither")
        }
        if let pose, PoseTransform(pose) == nil {
            throw FrameRefusal(
                .invalidValue, in: "header key \"pose\"", expected: "finite t, finite q of a length above 0",
                found: "t \(pose.translation), q \(pose.quaternion)",
                advice: "send q as x, y, z, w ([0, 0, 0, 1] turns nothing)")
        }
    }

    private func validateFields() throws(FrameRefusal) {
        var names: Set<String> = []
        for field in fields {
            guard names.insert(field.name).inserted else {
                throw FrameRefusal(
                    .duplicateField, in: "header key \"fields\"", expected: "each name once",
                    found: "\(quoted(field.name)) twice", advice: "rename one of them")
            }
            guard field.end <= UInt64(pointStep) else {
                throw FrameRefusal(
                    .fieldOutsideRecord, in: "header key \"fields\"",
                    expected: "offset + size <= point_step = \(pointStep)",
                    found: "\(quoted(field.name)) in bytes \(field.offset)..<\(field.end)",
                    advice: "correct the offset or point_step (NumPy: dtype.fields, dtype.itemsize)")
            }
        }
        for name in ["x", "y", "z"] where !names.contains(name) {
            throw FrameRefusal(
                .missingField, in: "header key \"fields\"", expected: "fields x, y and z",
                found: "no field \"\(name)\"", advice: "name the three coordinates so, also in a frame without points")
        }
        let ordered = fields.sorted { ($0.offset, $0.name) < ($1.offset, $1.name) }
        for (field, next) in zip(ordered, ordered.dropFirst()) where field.end > UInt64(next.offset) {
            throw FrameRefusal(
                .overlappingFields, in: "header key \"fields\"", expected: "fields that share no byte",
                found: "\(quoted(field.name)) up to byte \(field.end), \(quoted(next.name)) from \(next.offset)",
                advice: "correct the offsets")
        }
    }

    func field(_ name: String) -> FrameField? { fields.first { $0.name == name } }
}
