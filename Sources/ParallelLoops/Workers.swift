import Foundation

/// How many threads a computation may use.
///
/// Work is cut into chunks by the caller, never by the number of threads, and each chunk writes only its own
/// results: so the same input gives the same bits on any number of threads.
public struct Workers: Sendable, Equatable {
    /// Most threads at work at once, the calling one included; at least 1.
    public let count: Int

    public init(count: Int) { self.count = max(1, count) }

    /// One thread: the caller's own.
    public static let one = Workers(count: 1)
    /// As many threads as the process may use cores.
    public static let all = Workers(count: ProcessInfo.processInfo.activeProcessorCount)

    /// Calls `body` once for each of `0..<chunks`, on up to `count` threads, and returns when all are done.
    ///
    /// Chunks are taken in ascending order by whichever thread is free. `body` must not depend on which.
    public func run(chunks: Int, _ body: @Sendable (Int) -> Void) {
        guard chunks > 0 else { return }
        if count == 1 || chunks == 1 {
            for chunk in 0..<chunks { body(chunk) }
            return
        }
        withoutActuallyEscaping(body) { body in
            ThreadPool.shared.run(ThreadPool.Loop(chunks: chunks, body: body), helpers: min(count, chunks) - 1)
        }
    }

    /// Calls `body` for consecutive ranges of `length` (the last may be shorter) that together make `0..<total`.
    public func run(over total: Int, by length: Int, _ body: @Sendable (Range<Int>) -> Void) {
        precondition(length > 0)
        run(chunks: (total + length - 1) / length) { chunk in
            body(chunk * length..<min(total, (chunk + 1) * length))
        }
    }
}
