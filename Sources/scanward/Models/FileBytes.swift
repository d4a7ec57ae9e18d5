import Foundation

/// The bytes of a file; a refusal names it by the path as given.
func fileBytes(_ path: String) throws(Failure) -> [UInt8] {
    do {
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
    } catch {
        // Foundation says it in two sentences.
        let reason = access(path, F_OK) == 0 ? error.localizedDescription : String(cString: strerror(errno))
        throw Failure("\(path) cannot be read: \(reason)")
    }
}
