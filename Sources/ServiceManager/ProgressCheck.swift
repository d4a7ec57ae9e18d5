public import Threads

/// Whether all of a pipeline's threads went on since they were last seen to.
public struct ProgressCheck: Sendable {
    private let threads: [ThreadProgress]
    private var seen: [UInt64?]

    public init(_ threads: [ThreadProgress]) {
        self.threads = threads
        seen = Array(repeating: nil, count: threads.count)
    }

    /// Whether there is nothing left that could move: then nothing may be taken for progress any more.
    public var isOver: Bool { !threads.isEmpty && threads.allSatisfy(\.hasEnded) }

    /// Looks at all of them.
    ///
    /// - Returns: the names of those that did not move since the last look in which all had moved. While there is one,
    ///   what the others do counts for nothing.
    public mutating func standing() -> [String] {
        let now = threads.map(\.steps)
        let standing = threads.indices.filter { seen[$0] == now[$0] && !threads[$0].isExcused }
        if standing.isEmpty { seen = now }
        return standing.map { threads[$0].name }
    }
}
