import Foundation
import PointCloudFiles
import PointClouds
import SeededRandom
import Testing

/// Numbers in text files are those that the standard library reads, whichever way they took.
@Suite struct PlainLinesTests {
    private static func number(_ g: inout SplitMix64) -> String {
        let sign = g.next(below: 2) == 0 ? "-" : ""
        let digits = { (count: Int, g: inout SplitMix64) in
            (0..<count).map { _ in String(g.next(below: 10)) }.joined()
        }
        switch g.next(below: 12) {
        case 0: return sign + digits(1 + g.next(below: 9), &g)
        case 1: return sign + "." + digits(1 + g.next(below: 17), &g)
        case 2: return sign + digits(3, &g) + "."
        case 3: return sign + digits(2, &g) + "." + digits(20, &g)
        case 4: return sign + "1." + digits(4, &g) + "e" + String(g.next(below: 40) - 20)
        case 5: return "+" + digits(2, &g) + "." + digits(3, &g)
        case 6: return sign + "0." + digits(10, &g)
        case 7: return sign + digits(9, &g) + "." + digits(9, &g)
        case 8: return "-0"
        default: return sign + digits(1 + g.next(below: 3), &g) + "." + digits(1 + g.next(below: 10), &g)
        }
    }

    /// `often` lines of every kind of number, or mostly plain ones, so that the fast way goes on for long.
    @Test(arguments: [0, 1, 2]) func pcdTextHoldsItsNumbers(_ kind: Int) throws {
        var g = SplitMix64(seed: UInt64(kind) + 40)
        var lines: [String] = []
        var expected: [Float] = []
        for line in 0..<2000 {
            let numbers = (0..<4).map { _ in
                kind > 0 && line % 50 != 49 ? String(format: "%.10f", Double(g.uniform()) - 0.5) : Self.number(&g)
            }
            expected += [0, 2, 3].map { Float(Double(numbers[$0])!) }
            lines.append(numbers.joined(separator: kind == 2 && line % 7 == 0 ? "  " : " "))
        }
        let header = "FIELDS x label y z\nSIZE 4 4 4 4\nTYPE F F F F\nWIDTH 2000\nDATA ascii\n"
        let end = kind == 1 ? "\r\n" : "\n"
        let bytes = Array((header + lines.joined(separator: end)).utf8)
        let cloud = try PointCloudFile.read(bytes, format: .pcd)
        #expect(
            cloud.points.flatMap { [$0.x.bitPattern, $0.y.bitPattern, $0.z.bitPattern] } == expected.map(\.bitPattern))
    }

    @Test func aFaultAfterPlainLinesIsNamedWithItsLine() {
        let good = (0..<50).map { "\($0).5 1.25 -3.0" }
        for (bad, found) in [("1.0 x 3.0", "\"x\""), ("1.0 2.0", "the end of the line"), ("1 2 3 4", "more")] {
            let text =
                "FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nWIDTH 60\nDATA ascii\n"
                + (good + [bad] + good).joined(separator: "\n")
            #expect {
                try PointCloudFile.read(Array(text.utf8), format: .pcd)
            } throws: {
                let message = ($0 as? PointCloudFileError)?.message ?? ""
                return message.contains("line 56") && message.contains(found)
            }
        }
    }
}
