/// Why bytes are not strict JSON, and where.
struct JSONFault: Error {
    var offset: Int
    /// The text that names the fault: what was expected and what was found.
    var message: String
    /// The key that stands twice in one object, when that is the fault.
    var duplicateKey: String?
}
