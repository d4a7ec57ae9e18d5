/// Names of keys that are passed over, each once and at most `limit` of them: a header of 64 KiB has room for thousands.
struct UnknownKeys {
    /// Names that a frame carries.
    static let limit = 64

    /// In the order in which they were met.
    private(set) var names: [String] = []
    private var known: Set<String> = []

    mutating func insert(_ keys: [String], prefix: String) {
        for key in keys {
            guard names.count < Self.limit else { return }
            let name = prefix + key
            if known.insert(name).inserted { names.append(name) }
        }
    }
}
