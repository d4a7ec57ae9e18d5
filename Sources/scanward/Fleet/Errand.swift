import Threads

/// Something that is done on a thread of its own meanwhile, and waited for later.
final class Errand<Value: Sendable, Problem: Error>: Sendable {
    private let outcome = Monitor<Result<Value, Problem>?>(nil)

    init(_ name: String, _ body: @escaping @Sendable () throws(Problem) -> Value) {
        _ = JoinableThread(name: name) { [outcome] in
            let result: Result<Value, Problem>
            do throws(Problem) {
                result = .success(try body())
            } catch {
                result = .failure(error)
            }
            outcome.withLock { $0 = result }
        }
    }

    /// What became of it.
    func wait() throws(Problem) -> Value {
        let result = outcome.wait(until: nil) { $0 }
        guard let result else { preconditionFailure("a wait without a deadline ends with a result") }
        return try result.get()
    }
}
