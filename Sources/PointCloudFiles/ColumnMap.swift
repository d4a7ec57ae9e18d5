internal import PointClouds

/// Which of a file's fields are taken, by their place among them.
struct ColumnMap {
    var x: Int
    var y: Int
    var z: Int
    var normal: (x: Int, y: Int, z: Int)?
    var intensity: Int?

    /// Nil without x, y and z.
    init?(names: [String]) {
        func find(_ candidates: String...) -> Int? {
            for name in candidates {
                if let place = names.firstIndex(of: name) { return place }
            }
            return nil
        }
        guard let x = find("x"), let y = find("y"), let z = find("z") else { return nil }
        (self.x, self.y, self.z) = (x, y, z)
        if let nx = find("normal_x", "nx"), let ny = find("normal_y", "ny"), let nz = find("normal_z", "nz") {
            normal = (nx, ny, nz)
        }
        intensity = find("intensity", "scalar_intensity", "scalar_Intensity", "reflectance")
    }

    /// All fields taken: x y z first, then the normal's, then the intensity.
    var taken: [Int] {
        [x, y, z] + (normal.map { [$0.x, $0.y, $0.z] } ?? []) + (intensity.map { [$0] } ?? [])
    }

    /// A cloud from the columns of `taken`, in that order.
    func cloud(_ columns: [[Float]]) -> PointCloud {
        let points = Self.vectors(columns[0], columns[1], columns[2])
        var next = 3
        var normals: [SIMD3<Float>]?
        if normal != nil {
            normals = Self.vectors(columns[3], columns[4], columns[5])
            next = 6
        }
        return PointCloud(points: points, normals: normals, intensities: intensity == nil ? nil : columns[next])
    }

    private static func vectors(_ x: [Float], _ y: [Float], _ z: [Float]) -> [SIMD3<Float>] {
        [SIMD3<Float>](unsafeUninitializedCapacity: x.count) { vectors, count in
            for i in x.indices { vectors.initializeElement(at: i, to: SIMD3(x[i], y[i], z[i])) }
            count = x.count
        }
    }
}
