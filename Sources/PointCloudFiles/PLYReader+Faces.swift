/// Which element of a PLY file holds the faces, and which of its properties the corners.
struct PLYFaces {
    var element: Int
    var list: Int

    /// Nil where there are no faces.
    init?(_ header: PLYHeader) throws(PointCloudFileError) {
        guard let element = header.elements.firstIndex(where: { $0.name == "face" }) else {
            guard let strips = header.elements.first(where: { $0.name == "tristrips" }), strips.count > 0 else {
                return nil
            }
            throw PointCloudFileError(
                .unsupported, expected: "triangles in an element face", found: "an element tristrips", at: .byte(0),
                advice: "write the mesh with faces")
        }
        let properties = header.elements[element].properties
        guard header.elements[element].count > 0 else { return nil }
        let list = properties.firstIndex {
            ($0.name == "vertex_indices" || $0.name == "vertex_index") && $0.lengthType != nil
        }
        guard let list, properties[list].type != .float32, properties[list].type != .float64 else {
            throw PointCloudFileError(
                .header, expected: "a list vertex_indices of whole numbers in element face",
                found: "properties \(properties.prefix(8).map(\.name).joined(separator: " ").prefix(60))",
                at: .byte(0), advice: "write the mesh with it")
        }
        self.element = element
        self.list = list
    }
}

extension PLYReader {
    func readFaces(
        _ element: PLYHeader.Element, list: Int, _ at: inout Int
    ) throws(PointCloudFileError) -> [SIMD3<Int32>] {
        let type = element.properties[list].type
        var triangles: [SIMD3<Int32>] = []
        // A triangle takes four bytes at least: the header's number is not believed beyond that.
        triangles.reserveCapacity(min(element.count, (bytes.count - at) / 4))
        var corners: [Int32] = []
        for _ in 0..<element.count {
            for (number, property) in element.properties.enumerated() {
                guard number == list else {
                    _ = try readProperty(property, &at)
                    continue
                }
                let start = at
                let length = try readLength(property, &at)
                corners.removeAll(keepingCapacity: true)
                for _ in 0..<length {
                    let value = bytes.withUnsafeBytes { type.load($0, at, bigEndian: header.data == .big) }
                    corners.append(try index(value, .byte(at)))
                    at += type.size
                }
                try append(corners, to: &triangles, .byte(start))
            }
        }
        return triangles
    }

    func readFaces(
        _ element: PLYHeader.Element, list: Int, _ scanner: inout TextScanner
    ) throws(PointCloudFileError) -> [SIMD3<Int32>] {
        var triangles: [SIMD3<Int32>] = []
        var corners: [Int32] = []
        for _ in 0..<element.count {
            for (number, property) in element.properties.enumerated() {
                guard number == list else {
                    try skip(property, &scanner)
                    continue
                }
                let length = try nextNumber(&scanner, property)
                corners.removeAll(keepingCapacity: true)
                for _ in 0..<(try checked(length, property, scanner)) {
                    let value = try nextNumber(&scanner, property)
                    guard isIndex(value) else { throw outOfRange(value, line(scanner)) }
                    corners.append(Int32(value))
                }
                guard corners.count >= 3 else { throw tooFewCorners(corners.count, line(scanner)) }
                try append(corners, to: &triangles, .byte(scanner.position))
            }
        }
        return triangles
    }

    private func isIndex(_ value: Double) -> Bool {
        value >= 0 && value < Double(vertexCount) && value == value.rounded()
    }

    private func index(_ value: Double, _ place: PointCloudFileError.Place) throws(PointCloudFileError) -> Int32 {
        guard isIndex(value) else { throw outOfRange(value, place) }
        return Int32(value)
    }

    private func append(
        _ corners: [Int32], to triangles: inout [SIMD3<Int32>], _ place: PointCloudFileError.Place
    ) throws(PointCloudFileError) {
        guard corners.count >= 3 else { throw tooFewCorners(corners.count, place) }
        guard PolygonFan.append(corners, to: &triangles) else {
            throw PointCloudFileError(
                .tooLarge, expected: "fewer than 2^31 triangles", found: "more", at: place, advice: "split the mesh")
        }
    }

    /// Counting lines takes time: only for a message.
    private func line(_ scanner: TextScanner) -> PointCloudFileError.Place {
        .line(scanner.line(of: scanner.position))
    }

    private func outOfRange(_ value: Double, _ place: PointCloudFileError.Place) -> PointCloudFileError {
        PointCloudFileError(
            .malformed, expected: "the number of a vertex in 0..<\(vertexCount)", found: "\(value)", at: place,
            advice: "the file is damaged")
    }

    private func tooFewCorners(_ count: Int, _ place: PointCloudFileError.Place) -> PointCloudFileError {
        PointCloudFileError(
            .malformed, expected: "a face of three corners or more", found: "\(count)", at: place,
            advice: "write the mesh without it")
    }
}
