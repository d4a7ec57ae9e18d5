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

    /// What to subtract from each column of `taken`, in Double: the origin from the coordinates, nothing from the rest.
    func offsets(_ origin: SIMD3<Double>) -> [Double] {
        taken.indices.map { $0 < 3 ? origin[$0] : 0 }
    }

    /// A cloud from the columns of `taken`, in that order.
    func cloud(_ columns: [[Float]]) -> PointCloud {
        cloud(columns.count, { columns[$0] }, vectors: { Self.vectors(columns[$0], columns[$0 + 1], columns[$0 + 2]) })
    }

    /// A cloud from what gives the column of a place in `taken`, and three that follow each other as vectors.
    func cloud(
        _ count: Int, _ column: (Int) -> [Float], vectors: (Int) -> [SIMD3<Float>]
    ) -> PointCloud {
        PointCloud(
            points: vectors(0), normals: normal == nil ? nil : vectors(3),
            intensities: intensity == nil ? nil : column(count - 1))
    }

    private static func vectors(_ x: [Float], _ y: [Float], _ z: [Float]) -> [SIMD3<Float>] {
        [SIMD3<Float>](unsafeUninitializedCapacity: x.count) { vectors, count in
            for i in x.indices { vectors.initializeElement(at: i, to: SIMD3(x[i], y[i], z[i])) }
            count = x.count
        }
    }
}
