internal import PointClouds

/// Reads PCD files.
struct PCDReader {
    private let bytes: [UInt8]
    private let header: PCDHeader
    private let map: ColumnMap
    /// Subtracted from the columns taken, before rounding.
    private let offsets: [Double]

    init(_ bytes: [UInt8], origin: SIMD3<Double> = .zero) throws(PointCloudFileError) {
        self.bytes = bytes
        let header = try PCDHeader(bytes)
        self.header = header
        guard let map = ColumnMap(names: header.fields.map(\.name)),
            map.taken.allSatisfy({ header.fields[$0].count == 1 })
        else {
            throw PointCloudFileError(
                .header, expected: "fields x, y and z (and normals, intensity) of one value each",
                found: header.fields.prefix(8).map { "\($0.name.prefix(16)) x \($0.count)" }.joined(separator: " "),
                at: .byte(0), advice: "write the cloud with these fields")
        }
        self.map = map
        offsets = map.offsets(origin)
    }

    func read() throws(PointCloudFileError) -> PointCloud {
        switch header.data {
        case .ascii: return try readText()
        case .binary:
            let needed = header.points * header.stride
            guard bytes.count - header.end >= needed else {
                throw truncated("\(needed) bytes of points", "\(bytes.count - header.end)", .byte(bytes.count))
            }
            return columns(of: bytes) { field in
                BinaryColumn(type: field.type, start: header.end + field.offset, stride: header.stride)
            }
        case .compressed:
            let data = try decompress()
            return columns(of: data) { field in
                BinaryColumn(
                    type: field.type, start: field.offset * header.points, stride: field.type.size * field.count)
            }
        }
    }

    private func columns(of data: [UInt8], _ column: (PCDHeader.Field) -> BinaryColumn) -> PointCloud {
        let taken = map.taken.map { column(header.fields[$0]) }
        let n = header.points
        return data.withUnsafeBytes { raw in
            func floats(_ place: Int) -> [Float] {
                taken[place].floats(raw, count: n, bigEndian: false, minus: offsets[place])
            }
            return map.cloud(taken.count, floats) { place in
                let three = (taken[place], taken[place + 1], taken[place + 2])
                let shift = SIMD3(offsets[place], offsets[place + 1], offsets[place + 2])
                return BinaryColumn.vectors(three, raw, count: n, minus: shift)
            }
        }
    }

    /// Two sizes, then an LZF block that holds field after field.
    private func decompress() throws(PointCloudFileError) -> [UInt8] {
        let start = header.end + 8
        guard bytes.count >= start else {
            throw truncated("8 bytes of sizes", "\(bytes.count - header.end)", .byte(bytes.count))
        }
        func size(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
        let compressed = size(header.end)
        let plain = size(header.end + 4)
        guard plain == header.points * header.stride else {
            throw PointCloudFileError(
                .malformed, expected: "\(header.points * header.stride) bytes for \(header.points) points",
                found: "a block of \(plain)", at: .byte(header.end + 4), advice: "the file is damaged")
        }
        guard bytes.count - start >= compressed else {
            throw truncated("\(compressed) compressed bytes", "\(bytes.count - start)", .byte(bytes.count))
        }
        guard plain / LZF.greatestExpansion <= compressed else {
            throw PointCloudFileError(
                .malformed, expected: "at most \(LZF.greatestExpansion) bytes from each compressed one",
                found: "\(plain) from \(compressed)", at: .byte(header.end), advice: "the file is damaged")
        }
        do {
            return try LZF.decode(bytes[start..<start + compressed], count: plain)
        } catch {
            throw PointCloudFileError(
                .malformed, expected: "an LZF block of \(plain) bytes", found: "one that is broken (\(error.kind))",
                at: .byte(start + error.offset), advice: "the file is damaged: copy it again")
        }
    }

    private func readText() throws(PointCloudFileError) -> PointCloud {
        var scanner = TextScanner(bytes, at: header.end)
        // Of each value in a line: which column it goes to, or -1.
        var places = [Int](repeating: -1, count: header.columns)
        let taken = map.taken
        for (column, field) in taken.enumerated() { places[header.fields[field].column] = column }
        // A point takes two bytes a value at least: the header's number is not believed beyond that.
        let room = min(header.points, (bytes.count - header.end) / max(1, 2 * header.columns) + 1)
        var values = [Float](repeating: 0, count: room * taken.count)
        // Lines of plain numbers go fast; from the first that is not, with everything said that is wrong with it.
        let plain = scanner.plainLines(places: places, room: room, points: header.points, minus: offsets, into: &values)
        for point in plain..<header.points {
            scanner.skipBlanks(lines: true)
            guard !scanner.isAtEnd else {
                throw truncated("\(header.points) points", "\(point)", .line(scanner.line(of: bytes.count)))
            }
            for place in places {
                scanner.skipBlanks(lines: false)
                if place < 0 {
                    guard !scanner.token().isEmpty else { throw notANumber(scanner, point) }
                    scanner.skipToken()
                } else {
                    guard let value = scanner.number() else { throw notANumber(scanner, point) }
                    values[place * room + point] = Float(value - offsets[place])
                }
            }
            scanner.skipBlanks(lines: false)
            guard scanner.isAtEnd || scanner.bytes[scanner.position] == UInt8(ascii: "\n") else {
                throw PointCloudFileError(
                    .malformed, expected: "\(header.columns) values in a line", found: "more: \(scanner.shown())",
                    at: .line(scanner.line(of: scanner.position)),
                    advice: "the file and its header do not belong together")
            }
        }
        return map.cloud(taken.indices.map { Array(values[$0 * room..<$0 * room + header.points]) })
    }

    private func notANumber(_ scanner: TextScanner, _ point: Int) -> PointCloudFileError {
        PointCloudFileError(
            .malformed, expected: "\(header.columns) numbers for point \(point + 1)", found: scanner.shown(),
            at: .line(scanner.line(of: scanner.position)), advice: "the file is damaged")
    }

    private func truncated(
        _ expected: String, _ found: String, _ place: PointCloudFileError.Place
    ) -> PointCloudFileError {
        PointCloudFileError(
            .truncated, expected: expected, found: found, at: place, advice: "the file was cut off: copy it again")
    }
}
