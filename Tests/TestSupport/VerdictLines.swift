import Foundation
package import Inspection

extension Verdict {
    /// One verdict a line.
    package static func decode(lines: String) throws -> [Verdict] {
        try lines.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
            try JSONDecoder().decode(Verdict.self, from: Data($0.utf8))
        }
    }
}
