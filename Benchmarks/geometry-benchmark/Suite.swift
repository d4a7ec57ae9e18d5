import Foundation
import ParallelLoops
import PointCloudFiles
import PointClouds

/// `geometry-benchmark all`: every operation on clouds of its own, in both orders, on one thread and on all.
enum Suite {
    static func run(repetitions: Int) throws {
        print("operation        points  order     threads    CPU ms   wall ms")
        for name in Operations.all.keys.sorted() {
            let points = name == "fpfh" ? 30_000 : name.hasPrefix("read_") ? 1_000_000 : 100_000
            for order in name.hasPrefix("read_") ? ["shuffled"] : ["shuffled", "scan"] {
                let cloud = SyntheticCloud.make(points, shuffled: order == "shuffled")
                for workers in [Workers.one, .all] {
                    let input = Input(bytes: try bytes(of: cloud, for: name), workers: workers)
                    let result = try Measurement.take(name, input, repetitions: repetitions)
                    print(
                        String(
                            format: "%@ %8d  %@ %7d %10.2f %9.2f",
                            name.padding(toLength: 14, withPad: " ", startingAt: 0),
                            points, order.padding(toLength: 9, withPad: " ", startingAt: 0), workers.count,
                            result.cpu * 1e3, result.wall * 1e3))
                }
            }
        }
    }

    private static func bytes(of cloud: [SIMD3<Float>], for name: String) throws -> [UInt8] {
        switch name {
        case "read_pcd_ascii": try PointCloudFile.write(PointCloud(points: cloud), format: .pcd, encoding: .ascii)
        case "read_pcd_binary": try PointCloudFile.write(PointCloud(points: cloud), format: .pcd, encoding: .binary)
        default:
            cloud.flatMap { [$0.x, $0.y, $0.z] }.flatMap { value in
                withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
            }
        }
    }
}
