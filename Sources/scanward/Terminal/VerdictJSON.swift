import Foundation
import Inspection

extension Verdict {
    /// One line of JSON, keys in alphabetical order.
    func json() throws -> [UInt8] {
        [UInt8](try JSONEncoder.line().encode(self))
    }
}
