/// Which line a worker asks next for a part: each in turn, so that one with a long queue does not keep the others from being
/// served. Within a line the oldest part comes first, and one whose worker died before it.
public struct LineRotation: Sendable, Equatable {
    private var lines: [String] = []
    private var last: String?

    public init() {}

    /// The lines that there are now.
    public mutating func update(_ lines: some Sequence<String>) { self.lines = Set(lines).sorted() }

    public var isEmpty: Bool { lines.isEmpty }

    /// All lines, beginning behind the one that was served last.
    public var order: [String] {
        guard let last, let start = lines.firstIndex(where: { $0 > last }) else { return lines }
        return Array(lines[start...] + lines[..<start])
    }

    /// A part of this line was taken.
    public mutating func noteServed(_ line: String) { last = line }
}
