internal import PointClouds

/// Reads Wavefront OBJ: vertices, normals and faces.
struct OBJReader {
    /// As given: lines are counted in these.
    private let bytes: [UInt8]
    private let origin: SIMD3<Double>
    /// Over the bytes with continued lines joined; places are the same in both.
    var scanner: TextScanner
    private(set) var vertices: [SIMD3<Float>] = []
    private var normals = OBJNormals()
    private var triangles: [SIMD3<Int32>] = []
    /// Of the face at hand.
    private var corners: [Int32] = []
    private var cornerNormals: [Int32] = []
    /// Faces may name what comes later: so the greatest number is held against the counts at the end.
    private var greatestVertex = (number: 0, at: 0)
    private var greatestNormal = (number: 0, at: 0)

    /// Keywords that are known and not needed: the specification's, and a few that it replaced.
    static let passedOver: Set<String> = [
        "vt", "vn", "vp", "f", "fo", "p", "l", "o", "g", "s", "mg", "usemtl", "mtllib", "usemap", "maplib", "lod",
        "bevel", "c_interp", "d_interp", "shadow_obj", "trace_obj", "call", "csh", "cstype", "deg", "bmat", "step",
        "curv", "curv2", "surf", "parm", "trim", "hole", "scrv", "sp", "end", "con", "ctech", "stech", "bzp", "bsp",
        "cdc", "cdp", "res",
    ]

    static func read(_ bytes: [UInt8], origin: SIMD3<Double>) throws(PointCloudFileError) -> TriangleMesh {
        var reader = OBJReader(bytes, origin)
        return try reader.read()
    }

    private init(_ bytes: [UInt8], _ origin: SIMD3<Double>) {
        self.bytes = bytes
        self.origin = origin
        scanner = TextScanner(Self.joiningLines(bytes), at: TextScanner.startOfText(bytes))
    }

    /// With a backslash at the end of a line, and the line's end, replaced by blanks.
    static func joiningLines(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "\\")) else { return bytes }
        var joined = bytes
        for at in bytes.indices where bytes[at] == UInt8(ascii: "\\") {
            var end = at + 1
            if end < bytes.count, bytes[end] == UInt8(ascii: "\r") { end += 1 }
            guard end < bytes.count, bytes[end] == UInt8(ascii: "\n") else { continue }
            for blank in at...end { joined[blank] = UInt8(ascii: " ") }
        }
        return joined
    }

    private mutating func read() throws(PointCloudFileError) -> TriangleMesh {
        while true {
            scanner.skipBlanks(lines: true)
            if scanner.isAtEnd { break }
            let keyword = scanner.position
            if scanner.take(word: "v") {
                let vertex = try vector("three coordinates")
                vertices.append(SIMD3<Float>(vertex - origin))
            } else if scanner.take(word: "f") {
                try readFace()
            } else if scanner.take(word: "vn") {
                normals.vectors.append(SIMD3<Float>(try vector("three components of a normal")))
            } else if !scanner.take(UInt8(ascii: "#")),
                !Self.passedOver.contains(scanner.string(scanner.token()).lowercased())
            {
                throw malformed("a keyword of OBJ", at: keyword, advice: "remove the line, or write the file anew")
            }
            scanner.skipLine()
            guard vertices.count < Int(Int32.max), normals.vectors.count < Int(Int32.max) else {
                throw tooLarge("vertices and normals")
            }
        }
        try check(greatestVertex, vertices.count, "vertices")
        try check(greatestNormal, normals.vectors.count, "normals")
        return TriangleMesh(
            vertices: vertices, checkedTriangles: triangles,
            vertexNormals: normals.ofVertices(vertices.count, triangles))
    }

    private mutating func vector(_ what: String) throws(PointCloudFileError) -> SIMD3<Double> {
        var vector = SIMD3<Double>.zero
        for axis in 0..<3 {
            scanner.skipBlanks(lines: false)
            guard let value = scanner.number() else {
                throw malformed(what, at: scanner.position, advice: "write x y z as numbers, separated by blanks")
            }
            vector[axis] = value
        }
        return vector
    }

    private mutating func readFace() throws(PointCloudFileError) {
        let start = scanner.position
        corners.removeAll(keepingCapacity: true)
        cornerNormals.removeAll(keepingCapacity: true)
        while true {
            scanner.skipBlanks(lines: false)
            if scanner.isAtLineEnd || scanner.bytes[scanner.position] == UInt8(ascii: "#") { break }
            try readCorner()
        }
        guard corners.count >= 3 else {
            throw PointCloudFileError(
                .malformed, expected: "a face of three corners or more", found: "\(corners.count)",
                at: line(of: start), advice: "remove the face, or write lines as l")
        }
        guard PolygonFan.append(corners, to: &triangles) else { throw tooLarge("triangles") }
        normals.append(cornerNormals, triangleCount: triangles.count)
    }

    /// v, v/vt, v//vn or v/vt/vn, as numbers from 1, or from -1 backwards.
    private mutating func readCorner() throws(PointCloudFileError) {
        let start = scanner.position
        let advice = "write a corner as v, v/vt, v//vn or v/vt/vn"
        guard let vertex = scanner.integer() else {
            throw malformed("the number of a vertex", at: start, advice: advice)
        }
        var normal: Int?
        if scanner.take(UInt8(ascii: "/")) {
            _ = scanner.integer()
            if scanner.take(UInt8(ascii: "/")) { normal = scanner.integer() }
        }
        guard scanner.isAtTokenEnd, scanner.isAtLineEnd || scanner.bytes[scanner.position] <= 0x20 else {
            throw malformed("a corner", at: start, advice: advice)
        }
        corners.append(try index(vertex, of: vertices.count, "vertices", at: start, &greatestVertex))
        cornerNormals.append(
            try normal.map { number throws(PointCloudFileError) in
                try index(number, of: normals.vectors.count, "normals", at: start, &greatestNormal)
            } ?? -1)
    }

    /// From 0, of a number as written.
    private func index(
        _ number: Int, of count: Int, _ what: String, at position: Int, _ greatest: inout (number: Int, at: Int)
    ) throws(PointCloudFileError) -> Int32 {
        guard number != 0, number >= -count, number <= Int(Int32.max) else {
            throw outOfRange(number, count, what, at: position)
        }
        if number > greatest.number { greatest = (number, position) }
        return Int32(number > 0 ? number - 1 : count + number)
    }

    private func check(
        _ greatest: (number: Int, at: Int), _ count: Int, _ what: String
    ) throws(PointCloudFileError) {
        guard greatest.number <= count else { throw outOfRange(greatest.number, count, what, at: greatest.at) }
    }

    private func outOfRange(_ number: Int, _ count: Int, _ what: String, at position: Int) -> PointCloudFileError {
        PointCloudFileError(
            .malformed, expected: "a number among \(count) \(what), from 1 or backwards from -1", found: "\(number)",
            at: line(of: position), advice: "the file was cut off or is damaged")
    }

    private func line(of position: Int) -> PointCloudFileError.Place {
        .line(TextScanner(bytes).line(of: position))
    }

    private func malformed(_ expected: String, at position: Int, advice: String) -> PointCloudFileError {
        PointCloudFileError(
            .malformed, expected: expected, found: TextScanner(scanner.bytes, at: position).shown(),
            at: line(of: position), advice: advice)
    }

    private func tooLarge(_ what: String) -> PointCloudFileError {
        PointCloudFileError(
            .tooLarge, expected: "fewer than 2^31 \(what)", found: "more", at: line(of: scanner.position),
            advice: "split the mesh")
    }
}
