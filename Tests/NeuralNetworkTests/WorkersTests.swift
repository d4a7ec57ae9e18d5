import Foundation
import ParallelLoops
import Synchronization
import Testing

/// Loops on several threads: each chunk once, nested, and started on many threads at once.
struct WorkersTests {
    /// How often each chunk was done.
    private func counts(_ chunks: Int, _ workers: Workers) -> [Int] {
        let counts = Mutex([Int](repeating: 0, count: chunks))
        workers.run(chunks: chunks) { chunk in counts.withLock { $0[chunk] += 1 } }
        return counts.withLock { $0 }
    }

    @Test(arguments: [1, 2, 3, 8])
    func everyChunkOnce(_ threads: Int) {
        for chunks in [0, 1, 2, 7, 1000] {
            #expect(counts(chunks, Workers(count: threads)) == [Int](repeating: 1, count: chunks))
        }
    }

    @Test func nested() {
        let total = Atomic<Int>(0)
        Workers(count: 4).run(chunks: 6) { _ in
            Workers(count: 3).run(chunks: 5) { _ in
                Workers(count: 2).run(chunks: 4) { _ in total.wrappingAdd(1, ordering: .relaxed) }
            }
        }
        #expect(total.load(ordering: .relaxed) == 120)
    }

    @Test func startedOnManyThreads() async {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<200).allSatisfy { _ in counts(9, Workers(count: 3)) == [Int](repeating: 1, count: 9) }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    /// A helper is there: two chunks that wait for each other both get on.
    @Test func chunksRunAtOnce() {
        let arrived = Atomic<Int>(0)
        Workers(count: 2).run(chunks: 2) { _ in
            arrived.wrappingAdd(1, ordering: .releasing)
            let deadline = Date.now + 30
            while arrived.load(ordering: .acquiring) < 2, Date.now < deadline { sched_yield() }
        }
        #expect(arrived.load(ordering: .relaxed) == 2)
    }

    /// What a loop's closure holds is free when the loop has returned.
    @Test func nothingIsKept() {
        final class Token: Sendable {}
        weak var token: Token?
        do {
            let held = Token()
            token = held
            Workers(count: 3).run(chunks: 50) { _ in withExtendedLifetime(held) {} }
        }
        #expect(token == nil)
    }
}
