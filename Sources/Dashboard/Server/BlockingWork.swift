import NIOPosix

/// What reads the disk or converts much, away from the threads that serve connections.
///
/// Two at a time: a page that asks for a lot, or many of them, leaves the journal's other readers and the cores to the line.
enum BlockingWork {
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        return pool
    }()

    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await pool.runIfActive(body)
    }
}
