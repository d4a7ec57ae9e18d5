/// Single properties and lists, and elements that are passed over.
extension PLYReader {
    func skip(_ element: PLYHeader.Element, _ at: inout Int) throws(PointCloudFileError) {
        if let stride = element.stride {
            let (size, overflow) = stride.multipliedReportingOverflow(by: element.count)
            guard !overflow, bytes.count - at >= size else {
                throw truncated("\(element.count) of element \(element.name.prefix(24))", "\(bytes.count - at) bytes")
            }
            at += size
            return
        }
        // Every turn takes a byte at least: the file's size bounds the loop, whatever the header says.
        for _ in 0..<element.count {
            for property in element.properties { _ = try readProperty(property, &at) }
        }
    }

    func skip(_ element: PLYHeader.Element, _ scanner: inout TextScanner) throws(PointCloudFileError) {
        for _ in 0..<element.count {
            for property in element.properties { try skip(property, &scanner) }
        }
    }

    func skip(_ property: PLYHeader.Property, _ scanner: inout TextScanner) throws(PointCloudFileError) {
        let value = try nextNumber(&scanner, property)
        if property.lengthType != nil { try skipList(&scanner, property, length: value) }
    }

    /// The value of a property, 0 for a list; goes past it.
    func readProperty(_ property: PLYHeader.Property, _ at: inout Int) throws(PointCloudFileError) -> Double {
        guard property.lengthType == nil else {
            let length = try readLength(property, &at)
            at += length * property.type.size
            return 0
        }
        return try readScalar(property.type, property, &at)
    }

    /// The length of a list that is there in full; goes past the length.
    func readLength(_ property: PLYHeader.Property, _ at: inout Int) throws(PointCloudFileError) -> Int {
        let start = at
        let value = try readScalar(property.lengthType ?? .uint8, property, &at)
        guard value >= 0, value * Double(property.type.size) <= Double(bytes.count - at) else {
            throw PointCloudFileError(
                .malformed,
                expected: "a list \(property.name.prefix(24)) that fits in the \(bytes.count - at) bytes left",
                found: "\(value) values", at: .byte(start), advice: "the file is damaged")
        }
        return Int(value)
    }

    private func readScalar(
        _ type: ScalarType, _ property: PLYHeader.Property, _ at: inout Int
    ) throws(PointCloudFileError) -> Double {
        guard bytes.count - at >= type.size else {
            throw truncated("\(type.size) bytes of \(property.name.prefix(24))", "\(bytes.count - at)")
        }
        let value = bytes.withUnsafeBytes { type.load($0, at, bigEndian: header.data == .big) }
        at += type.size
        return value
    }

    func skipList(
        _ scanner: inout TextScanner, _ property: PLYHeader.Property, length: Double
    ) throws(PointCloudFileError) {
        for _ in 0..<(try checked(length, property, scanner)) { _ = try nextNumber(&scanner, property) }
    }

    /// The length of a list, of which each value takes two bytes at least.
    func checked(
        _ length: Double, _ property: PLYHeader.Property, _ scanner: TextScanner
    ) throws(PointCloudFileError) -> Int {
        guard length >= 0, length == length.rounded(), length <= Double((bytes.count - scanner.position) / 2 + 1) else {
            throw PointCloudFileError(
                .malformed, expected: "a list \(property.name.prefix(24)) that fits in the file",
                found: "\(length) values", at: .line(scanner.line(of: scanner.position)), advice: "the file is damaged")
        }
        return Int(length)
    }

    @inline(__always)
    func nextNumber(
        _ scanner: inout TextScanner, _ property: PLYHeader.Property
    ) throws(PointCloudFileError) -> Double {
        scanner.skipBlanks(lines: true)
        guard let value = scanner.number() else {
            throw PointCloudFileError(
                scanner.isAtEnd ? .truncated : .malformed, expected: "a number for \(property.name.prefix(24))",
                found: scanner.shown(), at: .line(scanner.line(of: scanner.position)),
                advice: scanner.isAtEnd ? "the file was cut off: copy it again" : "the file is damaged")
        }
        return value
    }

    func truncated(_ expected: String, _ found: String) -> PointCloudFileError {
        PointCloudFileError(
            .truncated, expected: expected, found: found, at: .byte(bytes.count),
            advice: "the file was cut off: copy it again")
    }
}
