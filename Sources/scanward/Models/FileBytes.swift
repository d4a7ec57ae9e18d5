import Foundation

/// The bytes of a file; a refusal names it by the path as given.
func fileBytes(_ path: String) throws(Failure) -> [UInt8] {
    do {
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
    } catch {
        throw Failure("\(path) cannot be read: \(error.localizedDescription)")
    }
}
