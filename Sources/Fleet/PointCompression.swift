/// Points as fewer bytes, without a bit lost: twelve planes, x from the lowest byte to the highest, then y, then z.
public enum PointCompression {
    /// Most points of a part that are taken: no message makes us allocate more.
    public static let maximumPoints = 1 << 26

    static let planes = 12
    /// A SIMD3 is four Floats long; numbers lie in memory from the lowest byte on.
    private static let stride = MemoryLayout<SIMD3<Float>>.stride

    public static func compress(_ points: [SIMD3<Float>]) -> [UInt8] {
        guard !points.isEmpty else { return [] }
        return points.withUnsafeBytes { BytePlanes.pack($0, planes: planes, stride: stride) }
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
        points.withUnsafeMutableBytes { BytePlanes.put(found, into: $0, stride: stride) }
        return points
    }
}
