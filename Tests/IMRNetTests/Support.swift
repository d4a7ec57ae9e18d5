import SeededRandom
import IMRNet
import NeuralNetwork
import PointClouds

/// A network of a few thousand parameters, for 16-point patches.
var tinyConfiguration: NetworkConfiguration {
    var configuration = NetworkConfiguration(
        width: 32, heads: 2, encoderDepth: 2, decoderDepth: 2, tokenizerWidths: [16, 32, 32])
    configuration.patchPoints = 16
    return configuration
}

/// Patches of a gently curved sheet of 24 x 24 points: every centre with its nearest points, by brute force.
func sheetPatches(count: Int, size: Int, seed: UInt64) -> (patches: Patches, points: [SIMD3<Float>]) {
    var random = SplitMix64(seed: seed)
    let points = (0..<576).map { index -> SIMD3<Float> in
        let x = Float(index % 24) / 12 - 1 + 0.02 * random.normal(),
            y = Float(index / 24) / 12 - 1 + 0.02 * random.normal()
        return SIMD3(x, y, 0.3 * x * x)
    }
    let centers = Array((0..<points.count).shuffled(using: &random).prefix(count))
    var members: [Int32] = [], coordinates: [Float] = []
    for center in centers {
        func squared(_ index: Int) -> Float {
            let difference = points[index] - points[center]
            return (difference * difference).sum()
        }
        for member in points.indices.sorted(by: { (squared($0), $0) < (squared($1), $1) }).prefix(size) {
            members.append(Int32(member))
            let relative = points[member] - points[center]
            coordinates += [relative.x, relative.y, relative.z]
        }
    }
    let patches = Patches(
        size: size, centerIndices: centers.map { Int32($0) }, centers: centers.map { points[$0] },
        memberIndices: members, coordinates: coordinates)
    return (patches, points)
}
