internal import PointClouds

/// Reads the vertices of PLY files, and their faces if asked; other elements are passed over.
struct PLYReader {
    let bytes: [UInt8]
    let header: PLYHeader
    private let vertex: Int
    private let map: ColumnMap
    private let offsets: [Double]

    init(_ bytes: [UInt8], origin: SIMD3<Double> = .zero) throws(PointCloudFileError) {
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
        offsets = map.offsets(origin)
    }

    func read() throws(PointCloudFileError) -> PointCloud { try readElements(nil).cloud }

    func readMesh() throws(PointCloudFileError) -> TriangleMesh {
        let (cloud, triangles) = try readElements(PLYFaces(header))
        return TriangleMesh(vertices: cloud.points, checkedTriangles: triangles, vertexNormals: cloud.normals)
    }

    var vertexCount: Int { header.elements[vertex].count }

    private func readElements(
        _ faces: PLYFaces?
    ) throws(PointCloudFileError) -> (cloud: PointCloud, triangles: [SIMD3<Int32>]) {
        let last = max(vertex, faces?.element ?? 0)
        for element in header.elements[...last] where element.properties.isEmpty && element.count > 0 {
            throw PointCloudFileError(
                .header, expected: "properties of element \(element.name.prefix(24))", found: "none", at: .byte(0),
                advice: "the header is damaged")
        }
        var cloud = PointCloud(points: [])
        var triangles: [SIMD3<Int32>] = []
        var scanner = TextScanner(bytes, at: header.end)
        var at = header.end
        for (number, element) in header.elements[...last].enumerated() {
            switch (number, header.data) {
            case (vertex, .ascii): cloud = try readVertices(element, &scanner)
            case (vertex, _): cloud = try readVertices(element, &at)
            case (faces?.element, .ascii): triangles = try readFaces(element, list: faces?.list ?? 0, &scanner)
            case (faces?.element, _): triangles = try readFaces(element, list: faces?.list ?? 0, &at)
            case (_, .ascii): try skip(element, &scanner)
            default: try skip(element, &at)
            }
        }
        return (cloud, triangles)
    }

    private func readVertices(_ element: PLYHeader.Element, _ at: inout Int) throws(PointCloudFileError) -> PointCloud {
        guard let stride = element.stride else { return try readVerticesWithLists(element, &at) }
        let (needed, overflow) = stride.multipliedReportingOverflow(by: element.count)
        guard !overflow, bytes.count - at >= needed else {
            throw truncated("\(element.count) vertices of \(stride) bytes", "\(bytes.count - at) bytes")
        }
        var starts: [Int] = []
        var sum = at
        for property in element.properties {
            starts.append(sum)
            sum += property.type.size
        }
        at += needed
        return bytes.withUnsafeBytes { raw in
            map.cloud(
                zip(map.taken, offsets).map { field, offset in
                    BinaryColumn(type: element.properties[field].type, start: starts[field], stride: stride)
                        .floats(raw, count: element.count, bigEndian: header.data == .big, minus: offset)
                })
        }
    }

    private func readVerticesWithLists(
        _ element: PLYHeader.Element, _ at: inout Int
    ) throws(PointCloudFileError) -> PointCloud {
        var columns = [[Float]](repeating: [], count: map.taken.count)
        let places = self.places(element)
        for _ in 0..<element.count {
            for (field, property) in element.properties.enumerated() {
                let value = try readProperty(property, &at)
                if case let place = places[field], place >= 0 { columns[place].append(Float(value - offsets[place])) }
            }
        }
        return map.cloud(columns)
    }

    private func readVertices(
        _ element: PLYHeader.Element, _ scanner: inout TextScanner
    ) throws(PointCloudFileError) -> PointCloud {
        var columns = [[Float]](repeating: [], count: map.taken.count)
        let places = self.places(element)
        for _ in 0..<element.count {
            for (field, property) in element.properties.enumerated() {
                let value = try nextNumber(&scanner, property)
                if property.lengthType != nil {
                    try skipList(&scanner, property, length: value)
                } else if case let place = places[field], place >= 0 {
                    columns[place].append(Float(value - offsets[place]))
                }
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
}
