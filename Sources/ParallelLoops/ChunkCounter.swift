import Synchronization

/// Hands out 0, 1, 2, ... to several threads, each number once.
final class ChunkCounter: Sendable {
    private let next = Atomic<Int>(0)

    func take() -> Int { next.wrappingAdd(1, ordering: .relaxed).oldValue }
}
