import Glibc
import Synchronization

/// Threads that wait for loops to help with: woken within microseconds, where Dispatch may take milliseconds or, on a
/// busy machine, lend no thread at all.
///
/// Whoever starts a loop works on it too, so that a loop ends even if no helper is free: loops may be nested, and started
/// on several threads at once.
final class ThreadPool: @unchecked Sendable {
    static let shared = ThreadPool()

    /// A loop that is under way.
    final class Loop: @unchecked Sendable {
        let chunks: Int
        /// Taken away when every chunk is done: a helper may hold the loop a little longer.
        fileprivate var body: (@Sendable (Int) -> Void)?
        private let next = ChunkCounter()
        /// Helpers inside the loop.
        let helpers = Atomic<Int>(0)

        init(chunks: Int, body: @escaping @Sendable (Int) -> Void) {
            self.chunks = chunks
            self.body = body
        }

        /// Takes chunks until none is left.
        func work() {
            guard let body else { return }
            while true {
                let chunk = next.take()
                guard chunk < chunks else { return }
                body(chunk)
            }
        }
    }

    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let posted = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let left = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Counts the loops, so that a helper may look for the next one without the lock.
    private let postings = Atomic<Int>(0)
    /// Under the lock: loops with seats for helpers, oldest first; threads made; threads asleep.
    private var open: [(loop: Loop, seats: Int)] = []
    private var threads = 0
    private var asleep = 0

    private static let mostThreads = 255
    /// Nanoseconds that a thread looks out before it goes to sleep. The network's loops are some 200 microseconds long and
    /// follow each other at once: a helper that slept while the caller ends its last chunk would be late for the next.
    private static let patience = 300_000

    private init() {
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
        for condition in [posted, left] {
            condition.initialize(to: pthread_cond_t())
            pthread_cond_init(condition, nil)
        }
    }

    /// Works on the loop with up to `helpers` threads besides the calling one; returns when every chunk is done.
    func run(_ loop: Loop, helpers: Int) {
        pthread_mutex_lock(lock)
        open.append((loop, helpers))
        while threads < min(helpers, Self.mostThreads), start() { threads += 1 }
        postings.wrappingAdd(1, ordering: .releasing)
        for _ in 0..<min(helpers, asleep) { pthread_cond_signal(posted) }
        pthread_mutex_unlock(lock)

        loop.work()

        pthread_mutex_lock(lock)
        open.removeAll { $0.loop === loop }
        pthread_mutex_unlock(lock)
        if !spin({ loop.helpers.load(ordering: .acquiring) == 0 }) {
            pthread_mutex_lock(lock)
            while loop.helpers.load(ordering: .acquiring) > 0 { pthread_cond_wait(left, lock) }
            pthread_mutex_unlock(lock)
        }
        loop.body = nil
    }

    /// A thread's life: the oldest loop with a free seat, again and again.
    private func help() {
        pthread_mutex_lock(lock)
        while true {
            if let index = open.firstIndex(where: { $0.seats > 0 }) {
                open[index].seats -= 1
                let loop = open[index].loop
                loop.helpers.wrappingAdd(1, ordering: .relaxed)
                pthread_mutex_unlock(lock)
                loop.work()
                pthread_mutex_lock(lock)
                if loop.helpers.wrappingSubtract(1, ordering: .releasing).newValue == 0 {
                    pthread_cond_broadcast(left)
                }
                continue
            }
            let seen = postings.load(ordering: .relaxed)
            pthread_mutex_unlock(lock)
            _ = spin { postings.load(ordering: .acquiring) != seen }
            pthread_mutex_lock(lock)
            while postings.load(ordering: .relaxed) == seen {
                asleep += 1
                pthread_cond_wait(posted, lock)
                asleep -= 1
            }
        }
    }

    /// Under the lock. A machine that gives no more threads is no error: there is the caller's own.
    private func start() -> Bool {
        var thread = pthread_t()
        var all = sigset_t(), old = sigset_t()
        // Signals are for the program's own threads.
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &old)
        defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
        guard
            pthread_create(
                &thread, nil,
                { _ in
                    ThreadPool.shared.help(); return nil
                }, nil) == 0
        else {
            return false
        }
        pthread_detach(thread)
        return true
    }

    private static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Whether the condition came true before the patience ended.
    @inline(__always)
    private func spin(_ condition: () -> Bool) -> Bool {
        let start = Self.nanoseconds()
        repeat {
            for _ in 0..<32 where condition() { return true }
        } while Self.nanoseconds() - start < Self.patience
        return false
    }
}
