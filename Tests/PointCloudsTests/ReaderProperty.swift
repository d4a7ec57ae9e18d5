import PointCloudFiles
import PointClouds

/// What every reader is held to, whatever the bytes: it refuses, or it reads what can be written and read again the
/// same. Shared by the tests, over the kept corpus, and by tools/fuzzing, over what libFuzzer thinks of.
enum ReaderProperty: String, CaseIterable, Sendable {
    case pcd, ply, obj, stl, xyz, sniffed
    case plyMesh = "ply-mesh"
    case objMesh = "obj-mesh"
    case stlMesh = "stl-mesh"

    /// What does not hold; nil if all is well.
    func violation(_ bytes: [UInt8]) -> String? {
        switch self {
        case .pcd: cloudViolation(bytes, .pcd)
        case .ply: cloudViolation(bytes, .ply)
        case .obj: cloudViolation(bytes, .obj)
        case .stl: cloudViolation(bytes, .stl)
        case .xyz: cloudViolation(bytes, .xyz)
        case .sniffed: cloudViolation(bytes, nil)
        case .plyMesh: meshViolation(bytes, .ply)
        case .objMesh: meshViolation(bytes, .obj)
        case .stlMesh: meshViolation(bytes, .stl)
        }
    }

    private func cloudViolation(_ bytes: [UInt8], _ format: PointCloudFile.Format?) -> String? {
        do {
            let (cloud, origin) = try PointCloudFile.readCentered(bytes, format: format)
            guard cloud.points.count <= bytes.count else {
                return "\(cloud.points.count) points of \(bytes.count) bytes"
            }
            guard origin.x.isFinite, origin.y.isFinite, origin.z.isFinite else { return "an origin of \(origin)" }
        } catch {
            return refusalViolation(error)
        }
        do {
            let cloud = try PointCloudFile.read(bytes, format: format)
            let formats: [PointCloudFile.Format] =
                switch format {
                case .xyz: [.xyz, .csv]
                case .stl: [.pcd]
                case let format?: [format]
                // CSV holds no normals; without a row it cannot tell no intensities from none.
                case nil: cloud.normals == nil && !cloud.points.isEmpty ? [.ply, .csv] : [.ply]
                }
            for format in formats {
                for encoding in PointCloudFile.Encoding.allCases {
                    let written = try PointCloudFile.write(cloud, format: format, encoding: encoding)
                    let again = try PointCloudFile.read(written, format: format)
                    if let difference = difference(cloud, again) { return "\(format) \(encoding): \(difference)" }
                }
            }
            return nil
        } catch {
            return "what was accepted once is refused: \(error)"
        }
    }

    private func meshViolation(_ bytes: [UInt8], _ format: MeshFile.Format) -> String? {
        let mesh: TriangleMesh
        do {
            mesh = try MeshFile.read(bytes, format: format)
        } catch {
            return refusalViolation(error)
        }
        do {
            // Holds that every index is within the vertices.
            _ = try TriangleMesh(
                vertices: mesh.vertices, triangles: mesh.triangles, vertexNormals: mesh.vertexNormals)
            for encoding in PointCloudFile.Encoding.allCases {
                let again = try MeshFile.read(
                    MeshFile.write(mesh, format: format, encoding: encoding), format: format)
                if mesh.triangles != again.triangles { return "\(encoding): other triangles" }
                let pair = [mesh, again].map { PointCloud(points: $0.vertices, normals: $0.vertexNormals) }
                if let difference = difference(pair[0], pair[1]) { return "\(encoding): \(difference)" }
            }
            let samples = MeshSampling.uniform(mesh, count: 8, seed: 1)
            return [0, 8].contains(samples.points.count) ? nil : "\(samples.points.count) samples instead of 8"
        } catch {
            return "what was accepted once is refused: \(error)"
        }
    }

    private func refusalViolation(_ error: PointCloudFileError) -> String? {
        error.message.hasPrefix("expected ") && error.message.count < 1000 ? nil : "the message \(error.message)"
    }

    private func difference(_ a: PointCloud, _ b: PointCloud) -> String? {
        guard a.points.count == b.points.count else { return "\(a.points.count) points, then \(b.points.count)" }
        guard (a.normals == nil) == (b.normals == nil) else { return "normals come or go" }
        guard (a.intensities == nil) == (b.intensities == nil) else { return "intensities come or go" }
        for i in a.points.indices {
            guard same(a.points[i], b.points[i]) else { return "point \(i): \(a.points[i]), then \(b.points[i])" }
            if let p = a.normals?[i], let q = b.normals?[i], !same(p, q) { return "normal \(i): \(p), then \(q)" }
            if let p = a.intensities?[i], let q = b.intensities?[i], !same(p, q) { return "intensity \(i): \(p), \(q)" }
        }
        return nil
    }

    private func same(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Bool {
        same(a.x, b.x) && same(a.y, b.y) && same(a.z, b.z)
    }

    /// Text has one NaN only.
    private func same(_ a: Float, _ b: Float) -> Bool { a == b || (a.isNaN && b.isNaN) }
}
