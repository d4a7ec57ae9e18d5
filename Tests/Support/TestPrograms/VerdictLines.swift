import Foundation
package import Inspection

extension Verdict {
    /// The verdicts of `--json`, one a line; other lines are passed over.
    package static func decode(lines: String) throws -> [Verdict] {
        try lines.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
            try JSONDecoder().decode(Verdict.self, from: Data($0.utf8))
        }
    }
}
