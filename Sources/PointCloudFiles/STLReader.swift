internal import PointClouds

/// Reads STL, text and binary.
struct STLReader {
    private let bytes: [UInt8]
    private let origin: SIMD3<Double>

    private static let header = 84
    private static let triangle = 50
    /// So that the corners can be numbered.
    private static let mostTriangles = Int(Int32.max) / 3

    init(_ bytes: [UInt8], origin: SIMD3<Double> = .zero) {
        self.bytes = bytes
        self.origin = origin
    }

    /// Whether the size is what the 32-bit number after 80 bytes says: binary, even if the file starts with "solid".
    /// In a text these four bytes would be a number of 8 gigabytes at least.
    static func hasBinarySize(_ bytes: [UInt8]) -> Bool {
        bytes.count >= header && bytes.count == header + triangle * count(bytes)
    }

    /// Whether it starts with the word "solid", is not binary by its size, and has no zero byte where a binary file has
    /// the end of its header and the upper bytes of its number.
    static func isText(_ bytes: [UInt8]) -> Bool {
        var scanner = TextScanner(bytes, at: TextScanner.startOfText(bytes))
        scanner.skipBlanks(lines: true)
        guard scanner.take(word: "solid"), scanner.isAtLineEnd || bytes[scanner.position] <= 0x20 else { return false }
        return !hasBinarySize(bytes) && !bytes.prefix(header).contains(0)
    }

    func read() throws(PointCloudFileError) -> TriangleMesh {
        Self.isText(bytes) ? try readText() : try readBinary()
    }

    private static func count(_ bytes: [UInt8]) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[80 + $1]) << (8 * $1) }
    }

    private func readBinary() throws(PointCloudFileError) -> TriangleMesh {
        guard bytes.count >= Self.header else {
            throw truncated("an STL file: the word solid, or a header of \(Self.header) bytes", "\(bytes.count) bytes")
        }
        let count = Self.count(bytes)
        let data = bytes.count - Self.header
        guard data >= Self.triangle * count else {
            throw truncated("\(count) triangles of \(Self.triangle) bytes", "\(data) bytes")
        }
        // A few bytes more are some program's trailer; a whole triangle more is a wrong number.
        guard data - Self.triangle * count < Self.triangle, count < Self.mostTriangles else {
            throw PointCloudFileError(
                .malformed, expected: "\(count) triangles of \(Self.triangle) bytes, as byte 80 says",
                found: "\(data) bytes", at: .byte(80), advice: "the header is damaged: write the file anew")
        }
        var welding = VertexWelding()
        var triangles: [SIMD3<Int32>] = []
        triangles.reserveCapacity(count)
        bytes.withUnsafeBytes { raw in
            func coordinate(_ at: Int) -> Double {
                Double(Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt32.self))))
            }
            func corner(_ at: Int) -> Int32 {
                let point = SIMD3(coordinate(at), coordinate(at + 4), coordinate(at + 8))
                return welding.number(of: SIMD3<Float>(point - origin))
            }
            for number in 0..<count {
                let at = Self.header + Self.triangle * number + 12
                triangles.append(SIMD3(corner(at), corner(at + 12), corner(at + 24)))
            }
        }
        return TriangleMesh(vertices: welding.vertices, checkedTriangles: triangles, vertexNormals: nil)
    }

    /// Words matter, lines do not: `facet normal`, three words, `outer loop`, three times `vertex` and three numbers,
    /// `endloop endfacet`. Only what follows `solid` and `endsolid` is a name up to the end of the line.
    private func readText() throws(PointCloudFileError) -> TriangleMesh {
        var scanner = TextScanner(bytes, at: TextScanner.startOfText(bytes))
        var welding = VertexWelding()
        var triangles: [SIMD3<Int32>] = []
        while true {
            scanner.skipBlanks(lines: true)
            if scanner.isAtEnd { break }
            try expect("solid", &scanner)
            scanner.skipLine()
            while true {
                scanner.skipBlanks(lines: true)
                if scanner.take(word: "endsolid") { break }
                try expect("facet", &scanner)
                try expect("normal", &scanner)
                for _ in 0..<3 {
                    scanner.skipBlanks(lines: true)
                    guard !scanner.token().isEmpty else { throw unexpected("three components of a normal", scanner) }
                    // Not read as numbers: some programs write "-1.#IND" where there is no normal.
                    scanner.skipToken()
                }
                try expect("outer", &scanner)
                try expect("loop", &scanner)
                let a = try readVertex(&scanner, &welding)
                let b = try readVertex(&scanner, &welding)
                let c = try readVertex(&scanner, &welding)
                triangles.append(SIMD3(a, b, c))
                try expect("endloop", &scanner)
                try expect("endfacet", &scanner)
                guard triangles.count < Self.mostTriangles else {
                    throw PointCloudFileError(
                        .tooLarge, expected: "fewer than \(Self.mostTriangles) triangles", found: "more",
                        at: .line(scanner.line(of: scanner.position)), advice: "split the mesh")
                }
            }
            scanner.skipLine()
        }
        return TriangleMesh(vertices: welding.vertices, checkedTriangles: triangles, vertexNormals: nil)
    }

    private func readVertex(
        _ scanner: inout TextScanner, _ welding: inout VertexWelding
    ) throws(PointCloudFileError) -> Int32 {
        try expect("vertex", &scanner)
        var vertex = SIMD3<Double>.zero
        for axis in 0..<3 {
            scanner.skipBlanks(lines: true)
            guard let value = scanner.number() else { throw unexpected("three coordinates", scanner) }
            vertex[axis] = value
        }
        return welding.number(of: SIMD3<Float>(vertex - origin))
    }

    private func expect(_ word: StaticString, _ scanner: inout TextScanner) throws(PointCloudFileError) {
        scanner.skipBlanks(lines: true)
        guard scanner.take(word: word) else { throw unexpected("\"\(word)\"", scanner) }
    }

    private func unexpected(_ expected: String, _ scanner: TextScanner) -> PointCloudFileError {
        PointCloudFileError(
            scanner.isAtEnd ? .truncated : .malformed, expected: expected, found: scanner.shown(),
            at: .line(scanner.line(of: scanner.position)),
            advice: scanner.isAtEnd ? "the file was cut off: copy it again" : "the file is damaged")
    }

    private func truncated(_ expected: String, _ found: String) -> PointCloudFileError {
        PointCloudFileError(
            .truncated, expected: expected, found: found, at: .byte(bytes.count),
            advice: "the file was cut off: copy it again")
    }
}
