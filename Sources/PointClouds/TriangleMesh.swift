/// A surface of triangles, as a CAD system or a mesh file gives it; coordinates in mm.
///
/// Every index is within the vertices: whoever holds a mesh need not check. Vertices may be unused, repeated or not
/// finite, and triangles may have no area; `MeshSampling` passes over those and counts them.
public struct TriangleMesh: Sendable, Equatable {
    /// Shape [V].
    public let vertices: [SIMD3<Float>]
    /// Three indices into `vertices` each, counter-clockwise seen from outside. Shape [T].
    public let triangles: [SIMD3<Int32>]
    /// One for each vertex, usually of unit length. Shape [V].
    public let vertexNormals: [SIMD3<Float>]?

    /// - Throws: `TriangleMeshError` if a triangle names a vertex that is not there, if the normals are not as many as
    ///   the vertices, or at 2^31 vertices or triangles and more.
    /// - Complexity: O(T).
    public init(
        vertices: [SIMD3<Float>], triangles: [SIMD3<Int32>], vertexNormals: [SIMD3<Float>]? = nil
    ) throws(TriangleMeshError) {
        guard vertices.count < Int(Int32.max), triangles.count < Int(Int32.max) else {
            throw TriangleMeshError(
                .tooLarge, expected: "fewer than 2^31 vertices and triangles",
                found: "\(vertices.count) and \(triangles.count)", advice: "split the mesh")
        }
        if let vertexNormals, vertexNormals.count != vertices.count {
            throw TriangleMeshError(
                .normalCount, expected: "\(vertices.count) normals, one for each vertex",
                found: "\(vertexNormals.count)", advice: "give one for each, or none")
        }
        let count = UInt32(vertices.count)
        for (number, triangle) in triangles.enumerated() {
            // As unsigned numbers, negative ones are out of range too.
            let indices = SIMD3<UInt32>(truncatingIfNeeded: triangle)
            guard indices.max() < count else {
                throw TriangleMeshError(
                    .indexOutOfRange, expected: "indices in 0..<\(count) in triangle \(number)",
                    found: "\(triangle.x), \(triangle.y), \(triangle.z)",
                    advice: "number the vertices from 0, and give them all")
            }
        }
        self.init(vertices: vertices, checkedTriangles: triangles, vertexNormals: vertexNormals)
    }

    /// For readers that have checked already, and know the line of what is wrong.
    /// - Precondition: what the other initializer checks.
    package init(
        vertices: [SIMD3<Float>], checkedTriangles triangles: [SIMD3<Int32>], vertexNormals: [SIMD3<Float>]?
    ) {
        self.vertices = vertices
        self.triangles = triangles
        self.vertexNormals = vertexNormals
    }
}

/// Why a mesh was refused.
public struct TriangleMeshError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is; more may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String { case indexOutOfRange, normalCount, tooLarge }
        private let kind: Kind
        private init(_ kind: Kind) { self.kind = kind }

        /// A triangle names a vertex that is not there.
        public static let indexOutOfRange = Code(.indexOutOfRange)
        /// Vertex normals are not as many as vertices.
        public static let normalCount = Code(.normalCount)
        /// More vertices or triangles than 32-bit indices can name.
        public static let tooLarge = Code(.tooLarge)

        public var description: String { kind.rawValue }
    }

    public let code: Code
    /// One sentence: what was expected, what was found, and what to do.
    public let message: String

    init(_ code: Code, expected: String, found: String, advice: String) {
        self.code = code
        message = "expected \(expected), found \(found); \(advice)"
    }

    public var description: String { message }
}
