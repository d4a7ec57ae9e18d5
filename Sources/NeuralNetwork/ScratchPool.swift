import Synchronization

/// Scratch memory that the chunks of a parallel loop hand on: as many pieces are made as threads are at work at once.
///
/// A fresh piece for each chunk would cost a page fault for every 4 KiB of it, again and again.
public final class ScratchPool<Scratch: Sendable>: Sendable {
    private let make: @Sendable () -> Scratch
    private let free = Mutex<[Scratch]>([])

    public init(_ make: @escaping @Sendable () -> Scratch) { self.make = make }

    /// Lends a piece, of undefined contents, for the call.
    public func with(_ body: (Scratch) -> Void) {
        let scratch = free.withLock { $0.popLast() } ?? make()
        body(scratch)
        free.withLock { $0.append(scratch) }
    }
}
