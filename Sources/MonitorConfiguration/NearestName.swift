/// The known name that a misspelled one most likely meant.
enum NearestName {
    /// The nearest of `candidates`; nil if none is near: more than a third of its letters would have to change.
    static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        let name = name.lowercased()
        let near = candidates.map { (distance: distance(name, $0.lowercased()), name: $0) }
            .filter { $0.distance <= max(1, max(name.count, $0.name.count) / 3) }
        return near.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// Optimal string alignment distance: letters inserted, removed, replaced, or two neighbours exchanged.
    ///
    /// - Complexity: O(n m); names over 64 letters are compared by their beginnings.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.unicodeScalars.prefix(64)), b = Array(right.unicodeScalars.prefix(64))
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var beforeLast = [Int](), last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + [Int](repeating: 0, count: b.count)
            for j in 1...b.count {
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
