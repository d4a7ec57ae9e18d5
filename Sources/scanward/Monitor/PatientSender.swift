import Synchronization
import Threads

/// A producer's end of a bounded queue, for what may be left out: it waits for a consumer that is slow, and not for one that
/// hangs. After a wait in vain an element is dropped, and until one is taken again further ones at once; all are counted.
final class PatientSender<Element: Sendable>: Sendable {
    enum Admission: Equatable {
        case taken
        /// The first one since one was taken is news.
        case dropped(isNews: Bool)
        /// The consumer takes nothing more.
        case closed
    }

    private let queue: BoundedQueue<Element>
    private let state = Mutex((dropped: 0, isBehind: false))

    init(_ queue: BoundedQueue<Element>) { self.queue = queue }

    /// Elements dropped so far.
    var dropped: Int { state.withLock { $0.dropped } }

    /// - Parameters:
    ///   - patience: the longest wait for room; zero does not wait.
    ///   - progress: of the thread that waits.
    func send(_ element: Element, patience: Duration, noting progress: ThreadProgress) -> Admission {
        let isBehind = state.withLock { $0.isBehind }
        let deadline = SystemClock().after(isBehind ? .zero : patience)
        switch queue.send(element, deadline: deadline, noting: progress) {
        case .accepted:
            state.withLock { $0.isBehind = false }
            return .taken
        case .timedOut:
            return state.withLock { state in
                state.dropped += 1
                defer { state.isBehind = true }
                return .dropped(isNews: !state.isBehind)
            }
        default: return .closed
        }
    }
}
