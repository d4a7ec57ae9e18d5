internal import PointClouds

/// Reads the vertices of PLY files; other elements are passed over.
struct PLYReader {
    private let bytes: [UInt8]
    private let header: PLYHeader
    private let vertex: Int
    private let map: ColumnMap

    init(_ bytes: [UInt8]) throws(PointCloudFileError) {
        self.bytes = bytes
        let header = try PLYHeader(bytes)
        self.header = header
        let found = header.elements.firstIndex { $0.name == "vertex" }
        // A list counts as a field, but is never taken.
        let names = found.map { header.elements[$0].properties.map { $0.lengthType == nil ? $0.name : "" } } ?? []
        guard let found, let map = ColumnMap(names: names) else {
            throw PointCloudFileError(
                .header, expected: "an element vertex with x, y and z",
                found: found == nil
                    ? "no such element" : "properties \(names.prefix(8).joined(separator: " ").prefix(60))",
                at: .byte(0), advice: "write the cloud with these")
        }
        guard header.elements[found].count < Int(Int32.max) else {
            throw PointCloudFileError(
                .tooLarge, expected: "fewer than 2^31 vertices", found: "\(header.elements[found].count)", at: .byte(0),
                advice: "the header is damaged, or the cloud must be split")
        }
        vertex = found
        self.map = map
        for element in header.elements[...found] where element.properties.isEmpty && element.count > 0 {
            throw PointCloudFileError(
                .header, expected: "properties of element \(element.name.prefix(24))", found: "none", at: .byte(0),
                advice: "the header is damaged")
        }
    }

    func read() throws(PointCloudFileError) -> PointCloud {
        if header.data == .ascii { return try readText() }
        var at = header.end
        for element in header.elements[..<vertex] { try skip(element, &at) }
        let element = header.elements[vertex]
        guard let stride = element.stride else { return try readWithLists(element, &at) }
        let (needed, overflow) = stride.multipliedReportingOverflow(by: element.count)
        guard !overflow, bytes.count - at >= needed else {
            throw truncated("\(element.count) vertices of \(stride) bytes", "\(bytes.count - at) bytes")
        }
        var offsets: [Int] = []
        var sum = 0
        for property in element.properties {
            offsets.append(sum)
            sum += property.type.size
        }
        return bytes.withUnsafeBytes { raw in
            map.cloud(
                map.taken.map { field in
                    BinaryColumn(type: element.properties[field].type, start: at + offsets[field], stride: stride)
                        .floats(raw, count: element.count, bigEndian: header.data == .big)
                })
        }
    }

    private func skip(_ element: PLYHeader.Element, _ at: inout Int) throws(PointCloudFileError) {
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

    /// The value of a property, 0 for a list; goes past it.
    private func readProperty(
        _ property: PLYHeader.Property, _ at: inout Int
    ) throws(PointCloudFileError) -> Double {
        let type = property.lengthType ?? property.type
        guard bytes.count - at >= type.size else {
            throw truncated("\(type.size) bytes of \(property.name.prefix(24))", "\(bytes.count - at)")
        }
        let value = bytes.withUnsafeBytes { type.load($0, at, bigEndian: header.data == .big) }
        let start = at
        at += type.size
        guard property.lengthType != nil else { return value }
        guard value >= 0, value * Double(property.type.size) <= Double(bytes.count - at) else {
            throw PointCloudFileError(
                .malformed,
                expected: "a list \(property.name.prefix(24)) that fits in the \(bytes.count - at) bytes left",
                found: "\(value) values", at: .byte(start), advice: "the file is damaged")
        }
        at += Int(value) * property.type.size
        return 0
    }

    private func readWithLists(
        _ element: PLYHeader.Element, _ at: inout Int
    ) throws(PointCloudFileError) -> PointCloud {
        var columns = [[Float]](repeating: [], count: map.taken.count)
        let places = self.places(element)
        for _ in 0..<element.count {
            for (field, property) in element.properties.enumerated() {
                let value = try readProperty(property, &at)
                if places[field] >= 0 { columns[places[field]].append(Float(value)) }
            }
        }
        return map.cloud(columns)
    }

    /// Of each property: which column it goes to, or -1.
    private func places(_ element: PLYHeader.Element) -> [Int] {
        var places = [Int](repeating: -1, count: element.properties.count)
        for (column, field) in map.taken.enumerated() { places[field] = column }
        return places
    }

    private func readText() throws(PointCloudFileError) -> PointCloud {
        var scanner = TextScanner(bytes, at: header.end)
        var columns = [[Float]](repeating: [], count: map.taken.count)
        for (number, element) in header.elements[...vertex].enumerated() {
            let places = number == vertex ? self.places(element) : []
            for _ in 0..<element.count {
                for (field, property) in element.properties.enumerated() {
                    let value = try nextNumber(&scanner, property)
                    if property.lengthType != nil {
                        try skipList(&scanner, property, length: value)
                    } else if number == vertex, places[field] >= 0 {
                        columns[places[field]].append(Float(value))
                    }
                }
            }
        }
        return map.cloud(columns)
    }

    private func skipList(
        _ scanner: inout TextScanner, _ property: PLYHeader.Property, length: Double
    ) throws(PointCloudFileError) {
        // Two bytes a value at least.
        guard length >= 0, length <= Double((bytes.count - scanner.position) / 2 + 1) else {
            throw PointCloudFileError(
                .malformed, expected: "a list \(property.name.prefix(24)) that fits in the file",
                found: "\(length) values", at: .line(scanner.line(of: scanner.position)), advice: "the file is damaged")
        }
        for _ in 0..<Int(length) { _ = try nextNumber(&scanner, property) }
    }

    @inline(__always)
    private func nextNumber(
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

    private func truncated(_ expected: String, _ found: String) -> PointCloudFileError {
        PointCloudFileError(
            .truncated, expected: expected, found: found, at: .byte(bytes.count),
            advice: "the file was cut off: copy it again")
    }
}
