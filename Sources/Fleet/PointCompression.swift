/// Points as fewer bytes, without a bit lost: twelve planes, x from the lowest byte to the highest, then y, then z.
public enum PointCompression {
    /// Most points of a part that are taken: no message makes us allocate more.
    public static let maximumPoints = 1 << 26

    static let planes = 12

    public static func compress(_ points: [SIMD3<Float>]) -> [UInt8] {
        guard !points.isEmpty else { return [] }
        return points.withUnsafeBytes { raw in
            BytePlanes.pack(planes) { plane in
                // A SIMD3 is four Floats long; numbers lie in memory from the lowest byte on.
                [UInt8](unsafeUninitializedCapacity: points.count) { buffer, used in
                    for index in 0..<points.count { buffer[index] = raw[16 * index + plane] }
                    used = points.count
                }
            }
        }
    }

    /// - Parameter count: how many points there must be.
    public static func decompress(_ bytes: [UInt8], count: Int) throws(FleetError) -> [SIMD3<Float>] {
        guard (0...maximumPoints).contains(count) else {
            throw FleetError("expected at most \(maximumPoints) points, found a part of \(count)")
        }
        guard count > 0 else {
            guard bytes.isEmpty else {
                throw FleetError("expected no bytes of a part without points, found \(bytes.count)")
            }
            return []
        }
        let found = try BytePlanes.unpack(bytes, planes: planes, count: count)
        var points = [SIMD3<Float>](repeating: .zero, count: count)
        points.withUnsafeMutableBytes { raw in
            for (plane, bytes) in found.enumerated() {
                bytes.withUnsafeBufferPointer { bytes in
                    for index in 0..<count { raw[16 * index + plane] = bytes[index] }
                }
            }
        }
        return points
    }
}
